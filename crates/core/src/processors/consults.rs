//! Requests for consultations, and the names of their kinds.

use emap_interchange::{ConsultMetadata, ConsultRequest};
use emap_star::Session;

use super::patient;
use crate::{
    controllers::{
        consultations,
        questions::{self, Parent},
    },
    outcome::ProcessingError,
    source::Source,
};

/// Patient, visit, request, then the questions, which are answered also by a message too old for the request.
pub(crate) fn process(
    session: &mut Session,
    source: Source<'_>,
    message: &ConsultRequest,
) -> Result<(), ProcessingError> {
    let message_time = message
        .status_change_date_time
        .ok_or(ProcessingError::Invalid("the request has no statusChangeDatetime"))?;
    let (mrn, visit_number) = (message.mrn.as_deref(), message.visit_number.as_deref());
    let visit = patient::visit(session, source, mrn, visit_number, message_time)?;
    let request = consultations::update(session, visit, message, message_time)?;
    questions::answer(session, Parent::Consultation(request), &message.questions, Some(message_time))
}

/// What a kind of consultation is called.
pub(crate) fn process_metadata(
    session: &mut Session,
    message: &ConsultMetadata,
) -> Result<(), ProcessingError> {
    let message_time = message
        .last_updated_date
        .ok_or(ProcessingError::Invalid("the description has no lastUpdatedDate"))?;
    consultations::name_type(session, message, message_time)
}
