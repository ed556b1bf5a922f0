//! Problems, infections and allergies of patients: what they have in common.

pub(crate) mod allergy;
pub(crate) mod infection;
pub(crate) mod problem;

use emap_interchange::Condition;
use emap_star::{
    Instant, RowState, Session,
    rows::{ConditionVisit, PatientCondition},
};

use super::opened::opened;
use crate::{assign::Assign, outcome::ProcessingError, repositories::condition_visits};

/// Whom and what a message is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    /// The patient's identifier in force.
    pub(crate) mrn_id: i64,
    /// The visit, if the message names one.
    pub(crate) hospital_visit_id: Option<i64>,
    /// What the patient has.
    pub(crate) condition_type_id: i64,
    /// Hospital time of the message.
    pub(crate) message_time: Instant,
}

/// Opens a condition as it is known, or else as a new one with this number in the source system.
fn open(
    session: &mut Session,
    subject: Subject,
    known: Option<PatientCondition>,
    internal_id: Option<i64>,
) -> Result<RowState<PatientCondition>, ProcessingError> {
    let condition = opened(session, known, subject.message_time, |id, stored_from| PatientCondition {
        patient_condition_id: id,
        stored_from,
        valid_from: subject.message_time,
        added_date: None,
        added_datetime: None,
        classification: None,
        comment: None,
        internal_id,
        is_deleted: Some(false),
        onset_date: None,
        priority: None,
        resolution_date: None,
        resolution_datetime: None,
        severity: None,
        status: None,
        condition_type_id: subject.condition_type_id,
        hospital_visit_id: None,
        mrn_id: subject.mrn_id,
    })?;
    Ok(condition)
}

/// The columns that all three kinds have. Each message that counts states the condition anew: it holds from then on,
/// even if it reads as before.
fn assign_common(condition: &mut RowState<PatientCondition>, subject: Subject, message: &Condition) {
    condition.confirm();
    condition.hospital_visit_id = subject.hospital_visit_id;
    message.epic_condition_id.assign_to(&mut condition.internal_id);
    message.status.assign_to(&mut condition.status);
    message.comment.assign_to(&mut condition.comment);
    message.onset_date.assign_to(&mut condition.onset_date);
    message.severity.assign_to(&mut condition.severity);
}

/// Notes that the condition was mentioned during the visit, also by messages that are too old to change it.
fn link_visit(
    session: &mut Session,
    patient_condition_id: i64,
    subject: Subject,
) -> Result<(), ProcessingError> {
    let Some(hospital_visit_id) = subject.hospital_visit_id else { return Ok(()) };
    if !condition_visits::is_known(session, patient_condition_id, hospital_visit_id)? {
        let condition_visits_id = session.next_id()?;
        session.put(ConditionVisit { condition_visits_id, hospital_visit_id, patient_condition_id })?;
    }
    Ok(())
}

/// The number by which allergies and problems are told apart; a deleted number is "none".
fn number(message: &Condition) -> Result<Option<i64>, ProcessingError> {
    if message.epic_condition_id.is_unknown() {
        return Err(ProcessingError::Invalid("the condition has no epicConditionId"));
    }
    Ok(message.epic_condition_id.get().copied())
}
