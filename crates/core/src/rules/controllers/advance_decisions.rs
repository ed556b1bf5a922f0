//! Advance decisions of patients, and the kinds of these.

use emap_interchange::AdvanceDecision as Message;
use emap_star::rows::{
    AdvanceDecision, AdvanceDecisionId, AdvanceDecisionType, AdvanceDecisionTypeId, HospitalVisitId,
};

use crate::{
    failure::{Failure, required},
    rules::repositories::advance_decisions,
    scope::Scope,
};

/// Notes the decision. Gives its primary key.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    message: &Message,
) -> Result<AdvanceDecisionId, Failure> {
    let advance_decision_type_id = get_or_create_kind(scope, message)?;
    let internal_id = required(message.advance_decision_number, "advanceDecisionNumber")?;
    let known = advance_decisions::by_number(scope.rows, internal_id)?.cloned();
    let mut decision = scope.open(known, |id| AdvanceDecision {
        cancelled: Some(false),
        closed_due_to_discharge: Some(false),
        ..AdvanceDecision::new(id, internal_id, advance_decision_type_id, hospital_visit_id)
    })?;
    if decision.message_should_update(scope.message_time) {
        decision.requested_datetime = message.requested_date_time;
        decision.status_change_datetime = Some(scope.message_time);
        decision.cancelled = Some(message.cancelled);
        decision.closed_due_to_discharge = Some(message.closed_due_to_discharge);
    }
    let advance_decision_id = decision.advance_decision_id;
    scope.rows.save(decision)?;
    Ok(advance_decision_id)
}

/// The primary key of the kind of decision; its first message names it for good.
fn get_or_create_kind(
    scope: &mut Scope<'_, '_>,
    message: &Message,
) -> Result<AdvanceDecisionTypeId, Failure> {
    let code = required(message.advance_care_code.as_deref(), "advanceCareCode")?;
    if let Some(known) = advance_decisions::kind_by_code(scope.rows, code)? {
        return Ok(known.advance_decision_type_id);
    }
    let name = required(
        message.advance_decision_type_name.clone(),
        "advanceDecisionTypeName of a new kind of decision",
    )?;
    let advance_decision_type_id = scope.rows.next_id()?;
    scope.rows.put(AdvanceDecisionType::new(advance_decision_type_id, code.to_owned(), name))?;
    Ok(advance_decision_type_id)
}
