//! Requests that specialists see patients, and the kinds of these.

use emap_interchange::{ConsultMetadata, ConsultRequest};
use emap_star::{
    RowState,
    rows::{ConsultationRequest, ConsultationRequestId, ConsultationType, HospitalVisitId},
};

use crate::{
    assign::{Assign, assign_if_null_or_newer},
    failure::{Failure, required},
    rules::repositories::consults,
    scope::Scope,
};

/// Notes the request. Gives its primary key.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    message: &ConsultRequest,
) -> Result<ConsultationRequestId, Failure> {
    let kind = open_kind(scope, message.consultation_type.as_deref())?;
    let consultation_type_id = kind.consultation_type_id;
    scope.rows.save(kind)?;
    let internal_id = required(message.epic_consult_id, "epicConsultId")?;
    let known = consults::by_number(scope.rows, internal_id)?.cloned();
    let mut request = scope.open(known, |id| ConsultationRequest {
        cancelled: Some(false),
        closed_due_to_discharge: Some(false),
        ..ConsultationRequest::new(id, internal_id, consultation_type_id, hospital_visit_id)
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
    scope.rows.save(request)?;
    Ok(consultation_request_id)
}

/// What a kind of consultation is called.
pub(crate) fn name_kind(scope: &mut Scope<'_, '_>, message: &ConsultMetadata) -> Result<(), Failure> {
    let mut kind = open_kind(scope, message.code.as_deref())?;
    let newer = kind.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.name, &mut kind.name, newer);
    scope.rows.save(kind)?;
    Ok(())
}

fn open_kind(scope: &mut Scope<'_, '_>, code: Option<&str>) -> Result<RowState<ConsultationType>, Failure> {
    let code = required(code, "code of the kind of consultation")?;
    let known = consults::kind_by_code(scope.rows, code)?.cloned();
    let kind = scope.open(known, |id| ConsultationType::new(id, code.to_owned()))?;
    Ok(kind)
}
