//! Which processor a message goes to.

use emap_interchange::{AdtEvent, Message, Payload};
use emap_star::Session;

use crate::{outcome::ProcessingError, processors, rules::Rules, source::Source};

/// Applies one message to the rows of the session.
pub(crate) fn dispatch(
    session: &mut Session,
    rules: Rules,
    message: &Message,
) -> Result<(), ProcessingError> {
    let source = Source::new(message.source_system.as_deref(), message.source_message_id.as_deref());
    match &message.payload {
        Payload::Adt(adt) => match adt.event {
            AdtEvent::AdmitPatient { .. }
            | AdtEvent::RegisterPatient { .. }
            | AdtEvent::TransferPatient { .. }
            | AdtEvent::DischargePatient { .. }
            | AdtEvent::CancelAdmitPatient { .. }
            | AdtEvent::CancelTransferPatient { .. }
            | AdtEvent::CancelDischargePatient { .. }
            | AdtEvent::UpdatePatientInfo
            | AdtEvent::ImpliedAdtMessage => processors::adt::process(session, rules, source, adt),
            AdtEvent::MergePatient { .. }
            | AdtEvent::MoveVisitInformation { .. }
            | AdtEvent::ChangePatientIdentifiers { .. }
            | AdtEvent::DeletePersonInformation
            | AdtEvent::SwapLocations { .. }
            | AdtEvent::PendingTransfer { .. }
            | AdtEvent::CancelPendingTransfer { .. } => {
                Err(ProcessingError::NotImplemented(message.class_name()))
            }
        },
        _ => Err(ProcessingError::NotImplemented(message.class_name())),
    }
}

/// The recorded time of a patient message; other families have none.
pub(crate) fn recorded_time(message: &Message) -> Option<emap_star::Instant> {
    match &message.payload {
        Payload::Adt(adt) => adt.recorded_date_time,
        _ => None,
    }
}
