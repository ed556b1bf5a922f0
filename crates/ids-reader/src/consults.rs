//! Consult requests: another team's advice is asked for.

use emap_interchange::{ConsultRequest, Message};

use crate::convert::{Received, RejectReason};
use crate::orders::Orders;
use crate::requests::request;
use crate::values::plain_or_empty;

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
    Ok(Message {
        source_message_id: Some(received.source_id.to_owned()),
        source_system: Some(plain_or_empty(received.msh.sending_application())),
        payload: consult.into(),
    })
}
