//! Consult requests: another team's advice is asked for.

use emap_interchange::{ConsultRequest, Message};

use crate::{orders::Orders, reasons::RejectReason, received::Received, requests::request};

/// The consult request of a message that holds exactly one order.
pub(crate) fn consult(received: &Received, orders: &Orders) -> Result<Message, RejectReason> {
    let request = request(received, orders)?;
    let consult = ConsultRequest {
        epic_consult_id: Some(request.number),
        mrn: request.mrn,
        visit_number: Some(request.visit_number),
        consultation_type: Some(request.code),
        status_change_date_time: request.changed_at,
        scheduled_date_time: request.scheduled_at,
        questions: request.notes.questions,
        notes: request.notes.comments,
        cancelled: request.cancelled,
        closed_due_to_discharge: request.closed_due_to_discharge,
    };
    Ok(received.message(consult))
}
