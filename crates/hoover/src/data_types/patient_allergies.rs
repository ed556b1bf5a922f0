//! Allergies of patients, with their reactions.

use chrono::NaiveDate;
use emap_interchange::{Condition, ConditionKind, Message};

use super::conditions::{Common, updated};
use crate::{
    cell::Local,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::{label, message, required, wrapped},
};

static DEFINITION: Definition = Definition {
    name: "PatientAllergy",
    source: SourceName::Clarity,
    file: "clarity/patient_allergies.sql",
    built_in: built_in!("clarity/patient_allergies.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::Windows { hours: 24 },
    times: Times::Local,
    order: "changed_at_local, without it added_at_local; allergy_no; reaction_line",
    columns: AllergyRow::COLUMNS,
};

row! {
    /// A reaction of a changed allergy; one row without a reaction if there is none.
    pub struct AllergyRow {
        allergy_no: i64 = SqlType::BigInt, "number of the allergy";
        changed_at_local: Option<Local> = SqlType::DateTime2(0), "when it was changed; null: no change of it is on record";
        next_changed_at_local: Option<Local> = SqlType::DateTime2(0), "its next change among those that are asked for";
        hospital_number: Option<String> = SqlType::Varchar(25), "hospital number of the patient";
        visit_number: Option<String> = SqlType::Varchar(25), "number of the visit, if it belongs to one";
        allergen_name: Option<String> = SqlType::Varchar(200), "name of the allergen, its code too";
        kind_code: Option<i32> = SqlType::Int, "kind of the allergen";
        kind_label: Option<String> = SqlType::Varchar(80), "label of that kind";
        severity_code: Option<i32> = SqlType::Int, "how bad it is";
        severity_label: Option<String> = SqlType::Varchar(80), "label of that";
        state_code: i32 = SqlType::Int, "its state";
        state_label: Option<String> = SqlType::Varchar(80), "label of that state: Active, Resolved or Deleted";
        added_at_local: Local = SqlType::DateTime2(0), "when it was noted";
        onset_on: Option<NaiveDate> = SqlType::Date, "day on which it began";
        note_text: Option<String> = SqlType::VarcharMax, "comment";
        reaction_line: Option<i32> = SqlType::Int, "number of the reaction; null: there is none";
        reaction_name: Option<String> = SqlType::Varchar(80), "the reaction";
    }
}

/// An allergy with its reactions.
#[derive(Debug)]
pub struct Allergy {
    row: AllergyRow,
    reactions: Vec<String>,
}

/// Data type `PatientAllergy`.
#[derive(Debug, Clone, Copy)]
pub struct PatientAllergies;

impl QueryStrategy for PatientAllergies {
    type Row = AllergyRow;
    type Record = Allergy;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, mut row: AllergyRow) -> Allergy {
        let reactions = row.reaction_name.take().into_iter().collect();
        Allergy { row, reactions }
    }

    fn add(&self, allergy: &mut Allergy, row: AllergyRow) -> Option<AllergyRow> {
        let key = |row: &AllergyRow| (row.allergy_no, row.changed_at_local);
        if key(&row) != key(&allergy.row) {
            return Some(row);
        }
        allergy.reactions.extend(row.reaction_name);
        None
    }

    fn updated(&self, Allergy { row, .. }: &Allergy, scope: &Scope) -> Updated {
        match row.changed_at_local {
            None => Updated::Known(scope.clock.convert(row.added_at_local)),
            changed => updated(changed, row.next_changed_at_local, || None, scope),
        }
    }

    fn number(&self, allergy: &Allergy) -> i64 {
        allergy.row.allergy_no
    }

    fn row_id(&self, allergy: &Allergy) -> String {
        allergy.row.allergy_no.to_string()
    }

    fn message(&self, allergy: &Allergy, scope: &Scope) -> Result<Message, Unconvertible> {
        let row = &allergy.row;
        let number = row.allergy_no;
        let name = required(number, row.allergen_name.as_deref(), "allergen")?;
        let kind_label = label(number, row.kind_code, row.kind_label.as_deref(), "kind_code")?;
        let severity = label(number, row.severity_code, row.severity_label.as_deref(), "severity_code")?;
        let common = Common {
            number,
            hospital_number: row.hospital_number.as_deref(),
            visit_number: row.visit_number.as_deref(),
            state_code: row.state_code,
            state_label: row.state_label.as_deref(),
            onset_on: row.onset_on,
            note_text: row.note_text.as_deref(),
        };
        let kind = ConditionKind::PatientAllergy { reactions: allergy.reactions.clone() };
        let condition =
            common.condition(name.clone(), &name, self.updated(allergy, scope).instant(), kind)?;
        let payload = Condition {
            added_date_time: Some(scope.clock.instant(row.added_at_local)),
            sub_type: wrapped(kind_label),
            severity: wrapped(severity),
            ..condition
        };
        Ok(message(DEFINITION.source, number.to_string(), payload))
    }
}
