//! Which processor a message goes to.

use emap_interchange::{AdtEvent, Message, Payload};
use emap_star::Session;

use crate::{outcome::ProcessingError, processors, rules::Rules, source::Source};

/// Applies one message to the rows in memory.
pub(crate) fn dispatch(
    session: &mut Session,
    rules: Rules,
    message: &Message,
) -> Result<(), ProcessingError> {
    if !rules.concern(message) {
        return Ok(());
    }
    let source = Source::new(message.source_system.as_deref(), message.source_message_id.as_deref());
    match &message.payload {
        Payload::Adt(adt) => match adt.event {
            AdtEvent::PendingTransfer { .. } | AdtEvent::CancelPendingTransfer { .. } => {
                processors::pending_adt::process(session, rules, source, adt)
            }
            AdtEvent::AdmitPatient { .. }
            | AdtEvent::RegisterPatient { .. }
            | AdtEvent::TransferPatient { .. }
            | AdtEvent::DischargePatient { .. }
            | AdtEvent::CancelAdmitPatient { .. }
            | AdtEvent::CancelTransferPatient { .. }
            | AdtEvent::CancelDischargePatient { .. }
            | AdtEvent::UpdatePatientInfo
            | AdtEvent::ImpliedAdtMessage => processors::adt::process(session, rules, source, adt),
            AdtEvent::MergePatient { .. } => processors::identity::merge(session, rules, source, adt),
            AdtEvent::ChangePatientIdentifiers { .. } => {
                processors::identity::change_identifiers(session, source, adt)
            }
            AdtEvent::DeletePersonInformation => processors::identity::delete_person(session, source, adt),
            AdtEvent::MoveVisitInformation { .. } => {
                processors::move_visit::process(session, rules, source, adt)
            }
            AdtEvent::SwapLocations { .. } => {
                processors::swap_locations::process(session, rules, source, adt)
            }
        },
        Payload::ResearchOptOut(opt_out) => processors::research_opt_out::process(session, source, opt_out),
        Payload::Flowsheet(flowsheet) => processors::flowsheets::process(session, source, flowsheet),
        Payload::FlowsheetMetadata(metadata) => processors::flowsheets::process_metadata(session, metadata),
        Payload::Condition(condition) => processors::conditions::process(session, source, condition),
        Payload::ConsultRequest(request) => processors::consults::process(session, source, request),
        Payload::ConsultMetadata(metadata) => processors::consults::process_metadata(session, metadata),
        Payload::AdvanceDecision(decision) => {
            processors::advance_decisions::process(session, source, decision)
        }
        Payload::LabOrder(order) => processors::labs::process(session, source, order),
        Payload::LabMetadata(metadata) => processors::labs::process_metadata(session, metadata),
        Payload::Form(form) => processors::forms::process(session, source, form),
        Payload::FormMetadata(metadata) => processors::forms::process_metadata(session, source, metadata),
        Payload::FormQuestionMetadata(metadata) => {
            processors::forms::process_question_metadata(session, source, metadata)
        }
        Payload::LocationMetadata(place) => processors::places::process_location(session, place),
        Payload::DepartmentMetadata(department) => {
            processors::places::process_department(session, department)
        }
        Payload::Waveform(_) => Err(ProcessingError::NotImplemented(message.class_name())),
    }
}

/// The recorded time of a patient message; other families have none.
pub(crate) fn recorded_time(message: &Message) -> Option<emap_star::Instant> {
    match &message.payload {
        Payload::Adt(adt) => adt.recorded_date_time,
        _ => None,
    }
}
