//! Organisms that grew in cultures, and how they respond to agents.

use emap_star::{
    Session, SessionError,
    rows::{IsolateByResult, LabIsolate, LabResult, LabSensitivity, SensitivityByIsolate},
};

use super::only::only;

/// The isolate with a number within its culture's result; "no number" finds what has none.
pub(crate) fn by_number<'s>(
    session: &'s mut Session,
    lab_result_id: i64,
    number: Option<&str>,
) -> Result<Option<&'s LabIsolate>, SessionError> {
    let isolates = session.children::<LabResult, IsolateByResult>(lab_result_id)?.into_iter();
    only(isolates.filter(|isolate| isolate.lab_internal_id.as_deref() == number))
}

/// How an isolate responds to an agent.
pub(crate) fn response_to<'s>(
    session: &'s mut Session,
    lab_isolate_id: i64,
    agent: &str,
) -> Result<Option<&'s LabSensitivity>, SessionError> {
    let responses = session.children::<LabIsolate, SensitivityByIsolate>(lab_isolate_id)?.into_iter();
    only(responses.filter(|response| response.agent.as_deref() == Some(agent)))
}
