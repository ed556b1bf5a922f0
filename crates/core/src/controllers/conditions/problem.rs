//! Diagnoses and other problems.

use chrono::NaiveDate;
use emap_interchange::{Condition, ConditionAction, InterchangeValue};
use emap_star::{RowState, Session, rows::PatientCondition};

use super::{Subject, assign_common, link_visit, number, open};
use crate::{outcome::ProcessingError, repositories::patient_conditions, source::Source};

/// Status of a problem that was noted by mistake, when it is deleted; one that was overcome has another.
const ACTIVE: &str = "active";

/// Notes the problem.
pub(crate) fn update(
    session: &mut Session,
    subject: Subject,
    message: &Condition,
    added: Option<NaiveDate>,
    resolved: Option<NaiveDate>,
    source: Source<'_>,
) -> Result<(), ProcessingError> {
    let Subject { mrn_id, condition_type_id, message_time, .. } = subject;
    let number = number(message)?;
    let known =
        patient_conditions::of_patient_by_number(session, mrn_id, condition_type_id, number)?.cloned();
    let mut problem = open(session, subject, known, number)?;
    if problem.message_should_update(message_time) && !gives_way(&problem, subject, message, source)? {
        problem.resolution_date = resolved;
        problem.added_date = added;
        assign_common(&mut problem, subject, message);
        assign_deletion(&mut problem, message)?;
    }
    let patient_condition_id = problem.patient_condition_id;
    session.save(problem)?;
    link_visit(session, patient_condition_id, subject)
}

/// Live messages of one moment may come in any order: what adds a problem then wins over what deletes it.
fn gives_way(
    problem: &RowState<PatientCondition>,
    subject: Subject,
    message: &Condition,
    source: Source<'_>,
) -> Result<bool, ProcessingError> {
    Ok(message.action == Some(ConditionAction::Delete)
        && !problem.message_is_newer(subject.message_time)
        && source.is_trusted()?)
}

/// A deletion counts only for a problem that would otherwise still be active; anything else undoes a deletion.
fn assign_deletion(problem: &mut PatientCondition, message: &Condition) -> Result<(), ProcessingError> {
    match (message.action, &message.status) {
        (None, _) => return Err(ProcessingError::Invalid("the problem has no action")),
        (Some(ConditionAction::Add | ConditionAction::Update), _) => problem.is_deleted = Some(false),
        (Some(ConditionAction::Delete), InterchangeValue::Unknown) => {
            return Err(ProcessingError::RequiredDataMissing("status of the deleted problem"));
        }
        (Some(ConditionAction::Delete), status) => {
            let status = status.get().ok_or(ProcessingError::Invalid("the deleted problem has no status"))?;
            if status.eq_ignore_ascii_case(ACTIVE) {
                problem.is_deleted = Some(true);
            }
        }
    }
    Ok(())
}
