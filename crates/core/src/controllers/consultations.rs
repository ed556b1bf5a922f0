//! Requests that specialists see patients, and the kinds of these.

use emap_interchange::{ConsultMetadata, ConsultRequest};
use emap_star::{
    Instant, RowState, Session,
    rows::{ConsultationRequest, ConsultationType},
};

use super::opened::opened;
use crate::{
    assign::{Assign, assign_if_null_or_newer},
    outcome::ProcessingError,
    repositories::{consultation_requests, consultation_types},
};

/// Notes the request. Gives its primary key.
pub(crate) fn update(
    session: &mut Session,
    hospital_visit_id: i64,
    message: &ConsultRequest,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    let kind = open_type(session, message.consultation_type.as_deref(), message_time)?;
    let consultation_type_id = kind.consultation_type_id;
    session.save(kind)?;
    let internal_id =
        message.epic_consult_id.ok_or(ProcessingError::Invalid("the request has no epicConsultId"))?;
    let known = consultation_requests::by_number(session, internal_id)?.cloned();
    let mut request = opened(session, known, message_time, |id, stored_from| ConsultationRequest {
        consultation_request_id: id,
        stored_from,
        valid_from: message_time,
        cancelled: Some(false),
        closed_due_to_discharge: Some(false),
        comments: None,
        internal_id,
        scheduled_datetime: None,
        status_change_datetime: None,
        consultation_type_id,
        hospital_visit_id,
    })?;
    if request.message_should_update(message_time) {
        request.scheduled_datetime = message.scheduled_date_time;
        message.notes.assign_to(&mut request.comments);
        request.cancelled = Some(message.cancelled);
        request.closed_due_to_discharge = Some(message.closed_due_to_discharge);
        if request.is_changed() {
            request.status_change_datetime = Some(message_time);
        }
    }
    let consultation_request_id = request.consultation_request_id;
    session.save(request)?;
    Ok(consultation_request_id)
}

/// What a kind of consultation is called.
pub(crate) fn name_type(
    session: &mut Session,
    message: &ConsultMetadata,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let mut kind = open_type(session, message.code.as_deref(), message_time)?;
    let newer = kind.message_is_newer(message_time);
    assign_if_null_or_newer(&message.name, &mut kind.name, newer);
    session.save(kind)?;
    Ok(())
}

fn open_type(
    session: &mut Session,
    code: Option<&str>,
    message_time: Instant,
) -> Result<RowState<ConsultationType>, ProcessingError> {
    let code = code.ok_or(ProcessingError::Invalid("the kind of consultation has no code"))?;
    let known = consultation_types::by_code(session, code)?.cloned();
    let kind = opened(session, known, message_time, |id, stored_from| ConsultationType {
        consultation_type_id: id,
        stored_from,
        valid_from: message_time,
        code: code.to_owned(),
        name: None,
    })?;
    Ok(kind)
}
