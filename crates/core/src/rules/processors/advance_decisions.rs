//! Advance decisions.

use emap_interchange::AdvanceDecision;

use super::patient;
use crate::{
    failure::{Failure, required},
    rules::{
        controllers::{advance_decisions, questions},
        repositories::questions::Parent,
    },
    scope::Context,
};

/// Patient, visit, decision, then the questions. Their answers are of the time of the request, which hardly ever
/// changes: the message that is processed last counts.
pub(crate) fn process(context: Context<'_, '_>, message: &AdvanceDecision) -> Result<(), Failure> {
    let message_time = required(message.status_change_date_time, "statusChangeDatetime");
    let mut scope = context.at(message_time.map_err(Failure::undoing_the_message)?);
    let visit = patient::visit(&mut scope, message.mrn.as_deref(), message.visit_number.as_deref())?;
    let decision = advance_decisions::update(&mut scope, visit, message)?;
    if message.questions.is_empty() {
        return Ok(());
    }
    let answered_at = required(message.requested_date_time, "requestedDatetime of the answers")?;
    questions::answer(&mut scope.at(answered_at), Parent::AdvanceDecision(decision), &message.questions)
}
