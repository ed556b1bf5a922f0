//! Departments and the history of their specialities.

use emap_interchange::{DepartmentMetadata, Message};

use crate::{
    cell::Local,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::{label, message, record_status},
};

static DEFINITION: Definition = Definition {
    name: "DepartmentMetadata",
    source: SourceName::Clarity,
    file: "clarity/departments.sql",
    built_in: built_in!("clarity/departments.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::OpenEnded,
    times: Times::Local,
    order: "first of speciality change, update and first contact; number of the department",
    columns: DepartmentRow::COLUMNS,
};

row! {
    /// A department after one change of its speciality; one row if it has no history.
    pub struct DepartmentRow {
        unit_no: i64 = SqlType::BigInt, "number of the department";
        unit_hl7: String = SqlType::Varchar(50), "its code in HL7; not unique";
        unit_name: String = SqlType::Varchar(200), "its name";
        state_code: Option<i32> = SqlType::Int, "state of the record; null is active";
        state_label: Option<String> = SqlType::Varchar(80), "label of that state";
        unit_changed_at_local: Option<Local> = SqlType::DateTime2(0), "last change of the record itself";
        first_contact_at_local: Option<Local> = SqlType::DateTime2(0), "first entry of its history of contacts";
        unit_specialty_code: Option<i32> = SqlType::Int, "present speciality; counts without a history";
        unit_specialty_label: Option<String> = SqlType::Varchar(80), "label of that speciality";
        specialty_changed_at_local: Option<Local> = SqlType::DateTime2(0), "when the speciality changed; null without history";
        old_specialty_code: Option<i32> = SqlType::Int, "speciality before the change";
        old_specialty_label: Option<String> = SqlType::Varchar(80), "label of that speciality";
        new_specialty_code: Option<i32> = SqlType::Int, "speciality after the change";
        new_specialty_label: Option<String> = SqlType::Varchar(80), "label of that speciality";
    }
}

/// Data type `DepartmentMetadata`.
#[derive(Debug, Clone, Copy)]
pub struct Departments;

impl DepartmentRow {
    fn combined_update(&self) -> Option<Local> {
        self.specialty_changed_at_local.or(self.unit_changed_at_local).or(self.first_contact_at_local)
    }
}

impl QueryStrategy for Departments {
    type Row = DepartmentRow;
    type Record = DepartmentRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: DepartmentRow) -> DepartmentRow {
        row
    }

    fn updated(&self, row: &DepartmentRow, scope: &Scope) -> Updated {
        Updated::known(row.combined_update().map(|local| scope.clock.convert(local)))
    }

    fn row_id(&self, row: &DepartmentRow) -> String {
        match row.combined_update() {
            Some(at) => format!("{}_{}", row.unit_no, at.0.and_utc().timestamp()),
            None => row.unit_no.to_string(),
        }
    }

    fn message(&self, row: &DepartmentRow, scope: &Scope) -> Result<Message, Unconvertible> {
        let number = row.unit_no;
        let instant = |local: Option<Local>| local.map(|local| scope.clock.instant(local));
        let speciality = |code, text: &Option<String>, column| {
            label(number, code, text.as_deref(), column).map(|label| label.map(str::to_owned))
        };
        let has_history = row.specialty_changed_at_local.is_some();
        let (present, previous) = if has_history {
            (
                speciality(row.new_specialty_code, &row.new_specialty_label, "new_specialty_code")?,
                speciality(row.old_specialty_code, &row.old_specialty_label, "old_specialty_code")?,
            )
        } else {
            (speciality(row.unit_specialty_code, &row.unit_specialty_label, "unit_specialty_code")?, None)
        };
        let combined_update = instant(row.combined_update());
        let id = match combined_update {
            Some(at) => format!("{number}_{}", at.timestamp()),
            None => number.to_string(),
        };
        let payload = DepartmentMetadata {
            department_hl7: Some(row.unit_hl7.clone()),
            department_record_status: Some(record_status(
                number,
                row.state_code,
                row.state_label.as_deref(),
                "state_code",
            )?),
            department_contact_date: instant(row.first_contact_at_local),
            department_name: Some(row.unit_name.clone()),
            department_id: Some(number),
            department_speciality: present,
            speciality_update: instant(row.specialty_changed_at_local),
            previous_department_speciality: previous,
            combined_update,
        };
        Ok(message(DEFINITION.source, id, payload))
    }
}
