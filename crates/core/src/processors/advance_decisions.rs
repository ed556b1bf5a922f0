//! Advance decisions.

use emap_interchange::AdvanceDecision;
use emap_star::Session;

use super::patient;
use crate::{
    controllers::{
        advance_decisions,
        questions::{self, Parent},
    },
    outcome::ProcessingError,
    source::Source,
};

/// Patient, visit, decision, then the questions. Their answers are of the time of the request, which hardly ever
/// changes: the message that is processed last has its say.
pub(crate) fn process(
    session: &mut Session,
    source: Source<'_>,
    message: &AdvanceDecision,
) -> Result<(), ProcessingError> {
    let message_time = message
        .status_change_date_time
        .ok_or(ProcessingError::Invalid("the decision has no statusChangeDatetime"))?;
    let (mrn, visit_number) = (message.mrn.as_deref(), message.visit_number.as_deref());
    let visit = patient::visit(session, source, mrn, visit_number, message_time)?;
    let decision = advance_decisions::update(session, visit, message, message_time)?;
    let parent = Parent::AdvanceDecision(decision);
    questions::answer(session, parent, &message.questions, message.requested_date_time)
}
