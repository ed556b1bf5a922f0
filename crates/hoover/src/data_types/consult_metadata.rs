//! What consults can be asked for.

use emap_interchange::{ConsultMetadata, Message};

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
    name: "ConsultMetadata",
    source: SourceName::Clarity,
    file: "clarity/consult_metadata.sql",
    built_in: built_in!("clarity/consult_metadata.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::OpenEnded,
    times: Times::Local,
    order: "changed_at_local, item_code",
    columns: ConsultItemRow::COLUMNS,
};

row! {
    /// A type of consult.
    pub struct ConsultItemRow {
        item_code: String = SqlType::Varchar(20), "code of the order";
        item_name: String = SqlType::Varchar(200), "its name";
        changed_at_local: Option<Local> = SqlType::DateTime2(0), "last change; null counts as the start of the site's data";
    }
}

/// Data type `ConsultMetadata`.
#[derive(Debug, Clone, Copy)]
pub struct ConsultMetadataStrategy;

impl QueryStrategy for ConsultMetadataStrategy {
    type Row = ConsultItemRow;
    type Record = ConsultItemRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: ConsultItemRow) -> ConsultItemRow {
        row
    }

    fn updated(&self, row: &ConsultItemRow, scope: &Scope) -> Updated {
        match (row.changed_at_local, scope.date_from) {
            (Some(local), _) => Updated::Known(scope.clock.convert(local)),
            (None, Some(date_from)) => Updated::Assumed(date_from),
            (None, None) => Updated::Unknown,
        }
    }

    fn row_id(&self, row: &ConsultItemRow) -> String {
        row.item_code.clone()
    }

    fn tie(&self, first: &ConsultItemRow, second: &ConsultItemRow) -> std::cmp::Ordering {
        first.item_code.cmp(&second.item_code)
    }

    fn message(&self, row: &ConsultItemRow, scope: &Scope) -> Result<Message, Unconvertible> {
        let updated = row.changed_at_local.map(|local| scope.clock.instant(local)).or(scope.date_from);
        let Some(updated) = updated else {
            let reason = "changed_at_local is null, and HOOVER_DATE_FROM, which stands for it, is not set";
            return Err(Unconvertible::new(&row.item_code, reason));
        };
        let payload = ConsultMetadata {
            code: Some(row.item_code.clone()),
            name: Some(row.item_name.clone()),
            last_updated_date: Some(updated),
        };
        Ok(message(DEFINITION.source, row.item_code.clone(), payload))
    }
}
