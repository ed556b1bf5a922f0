//! What hangs on a row is deleted with it: the declarations against the database's own foreign keys.

use emap_star::{Removable, rows::*};
use emap_test_support::database::{Database, fresh};

/// Tables that refer to a table, with the column by which they do.
fn referring(database: &Database, table: &str) -> Vec<String> {
    database.rows(&format!(
        "SELECT conrelid::regclass::text, attname FROM pg_constraint
         JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
         WHERE contype = 'f' AND confrelid = '{table}'::regclass"
    ))
}

fn agrees<R: Removable>(database: &Database) {
    let declared = R::DEPENDENTS.iter().map(|(table, column)| format!("{table}|{column}"));
    // Answers name the table they belong to in a column; no foreign key says so.
    let declared: Vec<_> = declared.filter(|dependent| dependent != "request_answer|parent_id").collect();
    let mut missing = referring(database, R::TABLE);
    missing.retain(|reference| !declared.contains(reference));
    assert!(missing.is_empty(), "these rows would stop the deletion of a {}: {missing:?}", R::TABLE);
}

#[test]
fn every_table_that_refers_to_a_deleted_row_is_known() {
    let database = fresh();
    macro_rules! check { ($($row:ident)*) => { $(agrees::<$row>(&database);)* }; }
    check! {
        HospitalVisit LocationVisit LocationEvent PlannedMovement VisitObservation LabOrder LabResult LabIsolate
        LabSensitivity PatientCondition ConditionVisit AllergenReaction ConsultationRequest AdvanceDecision
        RequestAnswer Form FormAnswer
    }
}
