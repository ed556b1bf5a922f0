//! Advance decisions of patients, and the kinds of these.

use emap_interchange::AdvanceDecision as Message;
use emap_star::{
    Instant, Session,
    rows::{AdvanceDecision, AdvanceDecisionType},
};

use super::opened::opened;
use crate::{
    outcome::ProcessingError,
    repositories::{advance_decision_types, advance_decisions},
};

/// Notes the decision. Gives its primary key.
pub(crate) fn update(
    session: &mut Session,
    hospital_visit_id: i64,
    message: &Message,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    let advance_decision_type_id = kind(session, message)?;
    let internal_id = message
        .advance_decision_number
        .ok_or(ProcessingError::Invalid("the decision has no advanceDecisionNumber"))?;
    let known = advance_decisions::by_number(session, internal_id)?.cloned();
    let mut decision = opened(session, known, message_time, |id, stored_from| AdvanceDecision {
        advance_decision_id: id,
        stored_from,
        valid_from: message_time,
        cancelled: Some(false),
        closed_due_to_discharge: Some(false),
        internal_id,
        requested_datetime: None,
        status_change_datetime: None,
        advance_decision_type_id,
        hospital_visit_id,
    })?;
    if decision.message_should_update(message_time) {
        decision.requested_datetime = message.requested_date_time;
        decision.status_change_datetime = Some(message_time);
        decision.cancelled = Some(message.cancelled);
        decision.closed_due_to_discharge = Some(message.closed_due_to_discharge);
    }
    let advance_decision_id = decision.advance_decision_id;
    session.save(decision)?;
    Ok(advance_decision_id)
}

/// The kind of decision, got or created; its first message names it for good.
fn kind(session: &mut Session, message: &Message) -> Result<i64, ProcessingError> {
    let code = message
        .advance_care_code
        .as_deref()
        .ok_or(ProcessingError::Invalid("the decision has no advanceCareCode"))?;
    if let Some(known) = advance_decision_types::by_code(session, code)? {
        return Ok(known.advance_decision_type_id);
    }
    let name = message
        .advance_decision_type_name
        .clone()
        .ok_or(ProcessingError::Invalid("a new kind of decision has no advanceDecisionTypeName"))?;
    let advance_decision_type_id = session.next_id()?;
    session.put(AdvanceDecisionType { advance_decision_type_id, care_code: code.to_owned(), name })?;
    Ok(advance_decision_type_id)
}
