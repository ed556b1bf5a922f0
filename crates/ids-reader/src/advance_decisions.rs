//! Advance decisions: what shall be done, or not, when the patient can no longer say so.

use emap_interchange::{AdvanceDecision, Message};

use crate::{orders::Orders, reasons::RejectReason, received::Received, requests::request};

/// The advance decision of a message that holds exactly one order. Comments in its notes have no place in it.
pub(crate) fn advance_decision(received: &Received, orders: &Orders) -> Result<Message, RejectReason> {
    let request = request(received, orders)?;
    let decision = AdvanceDecision {
        advance_decision_number: Some(request.number),
        mrn: request.mrn,
        visit_number: Some(request.visit_number),
        advance_care_code: Some(request.code),
        advance_decision_type_name: Some(request.name),
        questions: request.notes.questions,
        status_change_date_time: request.changed_at,
        requested_date_time: request.scheduled_at,
        cancelled: request.cancelled,
        closed_due_to_discharge: request.closed_due_to_discharge,
    };
    Ok(received.message(decision))
}
