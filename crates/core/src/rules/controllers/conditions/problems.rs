//! Diagnoses and other problems.

use chrono::NaiveDate;
use emap_interchange::{Condition, ConditionAction, InterchangeValue};
use emap_star::{RowState, rows::PatientCondition};

use super::condition::{Diagnosis, assign_common, link_visit, number, open};
use crate::{
    failure::{Cause, Failure, required},
    rules::repositories::conditions,
    scope::Scope,
};

/// Status of a problem that was noted by mistake, when it is deleted; one that was overcome has another.
const ACTIVE: &str = "active";

/// Notes the problem.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    diagnosis: Diagnosis,
    message: &Condition,
    added: Option<NaiveDate>,
    resolved: Option<NaiveDate>,
) -> Result<(), Failure> {
    let Diagnosis { mrn_id, condition_type_id, .. } = diagnosis;
    let number = number(message)?;
    let known = conditions::of_patient_by_number(scope.rows, mrn_id, condition_type_id, number)?.cloned();
    let mut problem = open(scope, diagnosis, known, number)?;
    if problem.message_should_update(scope.message_time) && !gives_way(scope, &problem, message)? {
        problem.resolution_date = resolved;
        problem.added_date = added;
        assign_common(&mut problem, diagnosis, message);
        assign_deletion(&mut problem, message)?;
    }
    let patient_condition_id = problem.patient_condition_id;
    scope.rows.save(problem)?;
    link_visit(scope, patient_condition_id, diagnosis)
}

/// Live messages of one moment may come in any order: what adds a problem then wins over what deletes it.
fn gives_way(
    scope: &Scope<'_, '_>,
    problem: &RowState<PatientCondition>,
    message: &Condition,
) -> Result<bool, Failure> {
    Ok(message.action == Some(ConditionAction::Delete)
        && !problem.message_is_newer(scope.message_time)
        && scope.source.is_trusted()?)
}

/// A deletion counts only for a problem that would otherwise still be active; anything else undoes a deletion.
fn assign_deletion(problem: &mut PatientCondition, message: &Condition) -> Result<(), Failure> {
    match (required(message.action, "action of the problem")?, &message.status) {
        (ConditionAction::Add | ConditionAction::Update, _) => problem.is_deleted = Some(false),
        (ConditionAction::Delete, InterchangeValue::Unknown) => {
            return Err(Cause::RequiredDataMissing("status of the deleted problem").into());
        }
        (ConditionAction::Delete, status) => {
            let status = required(status.get(), "status of the deleted problem");
            let status = status.map_err(Failure::undoing_the_message)?;
            if status.eq_ignore_ascii_case(ACTIVE) {
                problem.is_deleted = Some(true);
            }
        }
    }
    Ok(())
}
