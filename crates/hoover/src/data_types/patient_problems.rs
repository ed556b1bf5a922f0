//! Problems of patients.

use chrono::NaiveDate;
use emap_interchange::{ConditionKind, Message};

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
    name: "PatientProblem",
    source: SourceName::Clarity,
    file: "clarity/patient_problems.sql",
    built_in: built_in!("clarity/patient_problems.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::Windows { hours: 24 },
    times: Times::Local,
    order: "changed_at_local, without it the midnight of entered_on; problem_no",
    columns: ProblemRow::COLUMNS,
};

row! {
    /// A change of a problem, or a problem without any.
    pub struct ProblemRow {
        problem_no: i64 = SqlType::BigInt, "number of the problem";
        changed_at_local: Option<Local> = SqlType::DateTime2(0), "when it was changed; null: no change of it is on record";
        next_changed_at_local: Option<Local> = SqlType::DateTime2(0), "its next change among those that are asked for";
        hospital_number: Option<String> = SqlType::Varchar(25), "hospital number of the patient";
        visit_number: Option<String> = SqlType::Varchar(25), "number of the visit, if it belongs to one";
        icd10_code: Option<String> = SqlType::Varchar(20), "first ICD-10 code of the diagnosis";
        title: Option<String> = SqlType::Varchar(200), "title of the diagnosis";
        state_code: i32 = SqlType::Int, "its state";
        state_label: Option<String> = SqlType::Varchar(80), "label of that state: Active, Resolved or Deleted";
        entered_on: NaiveDate = SqlType::Date, "day on which it was noted";
        onset_on: Option<NaiveDate> = SqlType::Date, "day on which it began";
        resolved_on: Option<NaiveDate> = SqlType::Date, "day on which it was over";
        note_text: Option<String> = SqlType::VarcharMax, "comment";
    }
}

/// Data type `PatientProblem`.
#[derive(Debug, Clone, Copy)]
pub struct PatientProblems;

impl QueryStrategy for PatientProblems {
    type Row = ProblemRow;
    type Record = ProblemRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: ProblemRow) -> ProblemRow {
        row
    }

    fn updated(&self, row: &ProblemRow, scope: &Scope) -> Updated {
        let own = || Some(scope.clock.midnight(row.entered_on));
        updated(row.changed_at_local, row.next_changed_at_local, own, scope)
    }

    fn number(&self, row: &ProblemRow) -> i64 {
        row.problem_no
    }

    fn row_id(&self, row: &ProblemRow) -> String {
        row.problem_no.to_string()
    }

    fn message(&self, row: &ProblemRow, scope: &Scope) -> Result<Message, Unconvertible> {
        let code = required(row.problem_no, row.icd10_code.as_deref(), "ICD-10 code")?;
        let common = Common {
            number: row.problem_no,
            hospital_number: row.hospital_number.as_deref(),
            visit_number: row.visit_number.as_deref(),
            state_code: row.state_code,
            state_label: row.state_label.as_deref(),
            onset_on: row.onset_on,
            note_text: row.note_text.as_deref(),
        };
        let kind = ConditionKind::PatientProblem {
            added_date: Some(row.entered_on),
            resolved_date: row.resolved_on,
        };
        let title = row.title.as_deref().unwrap_or_default();
        let payload = common.condition(code, title, self.updated(row, scope).instant(), kind)?;
        Ok(message(DEFINITION.source, row.problem_no.to_string(), payload))
    }
}
