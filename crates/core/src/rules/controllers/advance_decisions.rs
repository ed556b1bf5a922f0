//! Advance decisions of patients, and the kinds of these.

use emap_interchange::AdvanceDecision as Message;
use emap_star::rows::{AdvanceDecision, AdvanceDecisionType};

use crate::{
    failure::{Failure, required},
    rules::repositories::advance_decisions,
    scope::Scope,
};

/// Notes the decision. Gives its primary key.
pub(crate) fn update(
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
    message: &Message,
) -> Result<i64, Failure> {
    let advance_decision_type_id = get_or_create_kind(scope, message)?;
    let internal_id = required(message.advance_decision_number, "advanceDecisionNumber")?;
    let known = advance_decisions::by_number(scope.session, internal_id)?.cloned();
    let mut decision = scope.open(known, |id, stored_from, valid_from| AdvanceDecision {
        advance_decision_id: id,
        stored_from,
        valid_from,
        cancelled: Some(false),
        closed_due_to_discharge: Some(false),
        internal_id,
        requested_datetime: None,
        status_change_datetime: None,
        advance_decision_type_id,
        hospital_visit_id,
    })?;
    if decision.message_should_update(scope.message_time) {
        decision.requested_datetime = message.requested_date_time;
        decision.status_change_datetime = Some(scope.message_time);
        decision.cancelled = Some(message.cancelled);
        decision.closed_due_to_discharge = Some(message.closed_due_to_discharge);
    }
    let advance_decision_id = decision.advance_decision_id;
    scope.session.save(decision)?;
    Ok(advance_decision_id)
}

/// The primary key of the kind of decision; its first message names it for good.
fn get_or_create_kind(scope: &mut Scope<'_>, message: &Message) -> Result<i64, Failure> {
    let code = required(message.advance_care_code.as_deref(), "advanceCareCode")?;
    if let Some(known) = advance_decisions::kind_by_code(scope.session, code)? {
        return Ok(known.advance_decision_type_id);
    }
    let name = required(
        message.advance_decision_type_name.clone(),
        "advanceDecisionTypeName of a new kind of decision",
    )?;
    let advance_decision_type_id = scope.session.next_id()?;
    scope.session.put(AdvanceDecisionType { advance_decision_type_id, care_code: code.to_owned(), name })?;
    Ok(advance_decision_type_id)
}
