//! Requests that specialists see patients, and the kinds of these.

use emap_interchange::{ConsultMetadata, ConsultRequest};
use emap_star::{
    RowState,
    rows::{ConsultationRequest, ConsultationType},
};

use crate::{
    assign::{Assign, assign_if_null_or_newer},
    failure::{Failure, required},
    rules::repositories::consults,
    scope::Scope,
};

/// Notes the request. Gives its primary key.
pub(crate) fn update(
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
    message: &ConsultRequest,
) -> Result<i64, Failure> {
    let kind = open_kind(scope, message.consultation_type.as_deref())?;
    let consultation_type_id = kind.consultation_type_id;
    scope.session.save(kind)?;
    let internal_id = required(message.epic_consult_id, "epicConsultId")?;
    let known = consults::by_number(scope.session, internal_id)?.cloned();
    let mut request = scope.open(known, |id, stored_from, valid_from| ConsultationRequest {
        consultation_request_id: id,
        stored_from,
        valid_from,
        cancelled: Some(false),
        closed_due_to_discharge: Some(false),
        comments: None,
        internal_id,
        scheduled_datetime: None,
        status_change_datetime: None,
        consultation_type_id,
        hospital_visit_id,
    })?;
    if request.message_should_update(scope.message_time) {
        request.scheduled_datetime = message.scheduled_date_time;
        message.notes.assign_to(&mut request.comments);
        request.cancelled = Some(message.cancelled);
        request.closed_due_to_discharge = Some(message.closed_due_to_discharge);
        if request.is_changed() {
            request.status_change_datetime = Some(scope.message_time);
        }
    }
    let consultation_request_id = request.consultation_request_id;
    scope.session.save(request)?;
    Ok(consultation_request_id)
}

/// What a kind of consultation is called.
pub(crate) fn name_kind(scope: &mut Scope<'_>, message: &ConsultMetadata) -> Result<(), Failure> {
    let mut kind = open_kind(scope, message.code.as_deref())?;
    let newer = kind.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.name, &mut kind.name, newer);
    scope.session.save(kind)?;
    Ok(())
}

fn open_kind(scope: &mut Scope<'_>, code: Option<&str>) -> Result<RowState<ConsultationType>, Failure> {
    let code = required(code, "code of the kind of consultation")?;
    let known = consults::kind_by_code(scope.session, code)?.cloned();
    let kind = scope.open(known, |id, stored_from, valid_from| ConsultationType {
        consultation_type_id: id,
        stored_from,
        valid_from,
        code: code.to_owned(),
        name: None,
    })?;
    Ok(kind)
}
