//! What forms are called.

use emap_interchange::{FormMetadata, Message};

use crate::{
    cell::Local,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::message,
};

static DEFINITION: Definition = Definition {
    name: "FormMetadata",
    source: SourceName::Clarity,
    file: "clarity/form_metadata.sql",
    built_in: built_in!("clarity/form_metadata.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::OpenEnded,
    times: Times::Local,
    order: "effective_from_local, those without it last; form_no",
    columns: FormRow::COLUMNS,
};

row! {
    /// A kind of form.
    pub struct FormRow {
        form_no: i64 = SqlType::BigInt, "number of the form";
        form_title: String = SqlType::Varchar(200), "its name";
        patient_title: Option<String> = SqlType::Varchar(200), "its name for patients";
        effective_from_local: Option<Local> = SqlType::DateTime2(0), "since when; null: the time of reading";
    }
}

/// Data type `FormMetadata`.
#[derive(Debug, Clone, Copy)]
pub struct FormMetadataStrategy;

impl QueryStrategy for FormMetadataStrategy {
    type Row = FormRow;
    type Record = FormRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: FormRow) -> FormRow {
        row
    }

    fn updated(&self, row: &FormRow, scope: &Scope) -> Updated {
        Updated::known(row.effective_from_local.map(|local| scope.clock.convert(local)))
    }

    fn row_id(&self, row: &FormRow) -> String {
        row.form_no.to_string()
    }

    fn unknown_last(&self) -> bool {
        true
    }

    fn tie(&self, first: &FormRow, second: &FormRow) -> std::cmp::Ordering {
        first.form_no.cmp(&second.form_no)
    }

    fn message(&self, row: &FormRow, scope: &Scope) -> Result<Message, Unconvertible> {
        let valid_from = row.effective_from_local.map_or(scope.now, |local| scope.clock.instant(local));
        let payload = FormMetadata {
            form_name: Some(row.form_title.clone()),
            form_patient_friendly_name: row.patient_title.clone(),
            valid_from: Some(valid_from),
        };
        Ok(message(DEFINITION.source, row.form_no.to_string(), payload))
    }
}
