//! Organisms that grew in cultures, and how they respond to agents.

use emap_interchange::{LabIsolate as Message, LabResult as Response};
use emap_star::rows::{LabIsolate, LabIsolateId, LabResultId, LabSensitivity};

use crate::{
    assign::{Assign, assign_plain},
    failure::Failure,
    rules::repositories::labs,
    scope::Scope,
};

/// Notes what grew, and what it responds to. Gives whether this is news of the isolate itself.
pub(super) fn update(
    scope: &mut Scope<'_, '_>,
    lab_result_id: LabResultId,
    message: &Message,
) -> Result<bool, Failure> {
    let known = labs::isolate_by_number(scope.rows, lab_result_id, message.isolate_id.as_deref())?.cloned();
    let mut isolate = scope.open(known, |id| LabIsolate {
        lab_internal_id: message.isolate_id.clone(),
        ..LabIsolate::new(id, lab_result_id)
    })?;
    if isolate.message_is_newer(scope.message_time) {
        assign_plain(message.isolate_code.as_deref(), &mut isolate.isolate_code);
        assign_plain(message.isolate_name.as_deref(), &mut isolate.isolate_name);
        message.culture_type.assign_to(&mut isolate.culture_type);
        message.quantity.assign_to(&mut isolate.quantity);
        message.clinical_information.assign_to(&mut isolate.clinical_information);
    }
    let (is_news, lab_isolate_id) = (isolate.is_changed(), isolate.lab_isolate_id);
    scope.rows.save(isolate)?;
    for response in &message.sensitivities {
        note_response(scope, lab_isolate_id, response)?;
    }
    Ok(is_news)
}

/// Notes how the isolate responds to an agent; without an agent there is nothing to note. A response that is reported
/// again keeps its first time.
fn note_response(
    scope: &mut Scope<'_, '_>,
    lab_isolate_id: LabIsolateId,
    message: &Response,
) -> Result<(), Failure> {
    let Some(agent) = message.string_value.get() else { return Ok(()) };
    let known = labs::response_to(scope.rows, lab_isolate_id, agent)?.cloned();
    let message_time = scope.message_time;
    let mut response = scope.open(known, |id| LabSensitivity {
        agent: Some(agent.clone()),
        reporting_datetime: Some(message_time),
        ..LabSensitivity::new(id, lab_isolate_id)
    })?;
    if response.is_created() || Some(scope.message_time) > response.reporting_datetime {
        message.abnormal_flag.assign_to(&mut response.sensitivity);
        if response.is_changed() {
            response.reporting_datetime = Some(scope.message_time);
        }
    }
    scope.rows.save(response)?;
    Ok(())
}
