//! Infections of patients.

use chrono::NaiveDate;
use emap_interchange::{Condition, ConditionKind, InterchangeValue, Message};

use super::conditions::{Common, updated};
use crate::{
    cell::Local,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::{message, required},
};

static DEFINITION: Definition = Definition {
    name: "PatientInfection",
    source: SourceName::Clarity,
    file: "clarity/patient_infections.sql",
    built_in: built_in!("clarity/patient_infections.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::Windows { hours: 24 },
    times: Times::Local,
    order: "changed_at_local, without it the later of added_at_local and resolved_at_local; infection_no",
    columns: InfectionRow::COLUMNS,
};

row! {
    /// A change of an infection, or an infection without any.
    pub struct InfectionRow {
        infection_no: i64 = SqlType::BigInt, "number of the infection";
        changed_at_local: Option<Local> = SqlType::DateTime2(0), "when it was changed; null: no change of it is on record";
        next_changed_at_local: Option<Local> = SqlType::DateTime2(0), "its next change among those that are asked for";
        hospital_number: Option<String> = SqlType::Varchar(25), "hospital number of the patient";
        visit_number: Option<String> = SqlType::Varchar(25), "number of the visit, if it belongs to one";
        kind_name: Option<String> = SqlType::Varchar(80), "name of the infection, its code too";
        state_code: i32 = SqlType::Int, "its state";
        state_label: Option<String> = SqlType::Varchar(80), "label of that state: Active, Resolved or Deleted";
        added_at_local: Option<Local> = SqlType::DateTime2(0), "when it was noted";
        resolved_at_local: Option<Local> = SqlType::DateTime2(0), "when it was over";
        onset_on: Option<NaiveDate> = SqlType::Date, "day on which it began";
        note_text: Option<String> = SqlType::VarcharMax, "comment";
    }
}

/// Data type `PatientInfection`.
#[derive(Debug, Clone, Copy)]
pub struct PatientInfections;

impl QueryStrategy for PatientInfections {
    type Row = InfectionRow;
    type Record = InfectionRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: InfectionRow) -> InfectionRow {
        row
    }

    fn updated(&self, row: &InfectionRow, scope: &Scope) -> Updated {
        let own = || {
            let times = [row.added_at_local, row.resolved_at_local];
            let converted = times.into_iter().flatten().map(|local| scope.clock.convert(local));
            converted.max_by_key(|converted| converted.instant)
        };
        updated(row.changed_at_local, row.next_changed_at_local, own, scope)
    }

    fn number(&self, row: &InfectionRow) -> i64 {
        row.infection_no
    }

    fn row_id(&self, row: &InfectionRow) -> String {
        row.infection_no.to_string()
    }

    fn message(&self, row: &InfectionRow, scope: &Scope) -> Result<Message, Unconvertible> {
        let name = required(row.infection_no, row.kind_name.as_deref(), "name of the infection")?;
        let common = Common {
            number: row.infection_no,
            hospital_number: row.hospital_number.as_deref(),
            visit_number: row.visit_number.as_deref(),
            state_code: row.state_code,
            state_label: row.state_label.as_deref(),
            onset_on: row.onset_on,
            note_text: row.note_text.as_deref(),
        };
        let instant = |local: Option<Local>| local.map(|local| scope.clock.instant(local));
        let resolved_date_time = InterchangeValue::from_option(instant(row.resolved_at_local));
        let kind = ConditionKind::PatientInfection { resolved_date_time };
        let condition = common.condition(name.clone(), &name, self.updated(row, scope).instant(), kind)?;
        let payload = Condition { added_date_time: instant(row.added_at_local), ..condition };
        Ok(message(DEFINITION.source, row.infection_no.to_string(), payload))
    }
}
