//! Organisms that grew in cultures, and how they respond to agents.

use emap_interchange::{LabIsolate as Message, LabResult as Response};
use emap_star::rows::{LabIsolate, LabSensitivity};

use crate::{
    assign::{Assign, assign_plain},
    failure::Failure,
    rules::repositories::labs,
    scope::Scope,
};

/// Notes what grew, and what it responds to. Gives whether this is news of the isolate itself.
pub(super) fn update(scope: &mut Scope<'_>, lab_result_id: i64, message: &Message) -> Result<bool, Failure> {
    let known =
        labs::isolate_by_number(scope.session, lab_result_id, message.isolate_id.as_deref())?.cloned();
    let mut isolate = scope.open(known, |id, stored_from, valid_from| LabIsolate {
        lab_isolate_id: id,
        stored_from,
        valid_from,
        clinical_information: None,
        culture_type: None,
        isolate_code: None,
        isolate_name: None,
        lab_internal_id: message.isolate_id.clone(),
        quantity: None,
        lab_result_id,
    })?;
    if isolate.message_is_newer(scope.message_time) {
        assign_plain(message.isolate_code.as_deref(), &mut isolate.isolate_code);
        assign_plain(message.isolate_name.as_deref(), &mut isolate.isolate_name);
        message.culture_type.assign_to(&mut isolate.culture_type);
        message.quantity.assign_to(&mut isolate.quantity);
        message.clinical_information.assign_to(&mut isolate.clinical_information);
    }
    let (is_news, lab_isolate_id) = (isolate.is_changed(), isolate.lab_isolate_id);
    scope.session.save(isolate)?;
    for response in &message.sensitivities {
        note_response(scope, lab_isolate_id, response)?;
    }
    Ok(is_news)
}

/// Notes how the isolate responds to an agent; without an agent there is nothing to note. A response that is reported
/// again keeps its first time.
fn note_response(scope: &mut Scope<'_>, lab_isolate_id: i64, message: &Response) -> Result<(), Failure> {
    let Some(agent) = message.string_value.get() else { return Ok(()) };
    let known = labs::response_to(scope.session, lab_isolate_id, agent)?.cloned();
    let mut response = scope.open(known, |id, stored_from, valid_from| LabSensitivity {
        lab_sensitivity_id: id,
        stored_from,
        valid_from,
        agent: Some(agent.clone()),
        reporting_datetime: Some(valid_from),
        sensitivity: None,
        lab_isolate_id,
    })?;
    if response.is_created() || Some(scope.message_time) > response.reporting_datetime {
        message.abnormal_flag.assign_to(&mut response.sensitivity);
        if response.is_changed() {
            response.reporting_datetime = Some(scope.message_time);
        }
    }
    scope.session.save(response)?;
    Ok(())
}
