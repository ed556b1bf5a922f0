//! Tests as their providers define them: implied by results, named by metadata.

use emap_interchange::LabMetadata;
use emap_star::{
    Instant, RowState, Session,
    rows::{LabTestDefinition, TestCode},
};

use crate::{
    assign::{assign_if_null_or_newer, assign_plain},
    controllers::opened::opened,
    outcome::ProcessingError,
    repositories::lab_test_definitions,
};

/// What a message calls a test.
pub(crate) fn key(provider: Option<&str>, code: Option<&str>) -> Result<TestCode, ProcessingError> {
    let provider = provider.ok_or(ProcessingError::Invalid("the test has no coding system"))?;
    let code = code.ok_or(ProcessingError::Invalid("the test has no code"))?;
    Ok(TestCode { lab_provider: provider.to_owned(), test_lab_code: code.to_owned() })
}

/// The test, created if nobody mentioned it before, belongs to the department that reported it last. Gives its primary
/// key.
pub(crate) fn update(
    session: &mut Session,
    key: &TestCode,
    department: Option<&str>,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    let mut test = open(session, key, message_time)?;
    assign_plain(department, &mut test.lab_department);
    let id = test.lab_test_definition_id;
    session.save(test)?;
    Ok(id)
}

/// What the test is called.
pub(crate) fn name(
    session: &mut Session,
    key: &TestCode,
    message: &LabMetadata,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let mut test = open(session, key, message_time)?;
    let newer = test.message_is_newer(message_time);
    assign_if_null_or_newer(&message.name, &mut test.name, newer);
    session.save(test)?;
    Ok(())
}

fn open(
    session: &mut Session,
    key: &TestCode,
    message_time: Instant,
) -> Result<RowState<LabTestDefinition>, ProcessingError> {
    let known = lab_test_definitions::by_code(session, key)?.cloned();
    let test = opened(session, known, message_time, |id, stored_from| LabTestDefinition {
        lab_test_definition_id: id,
        stored_from,
        valid_from: message_time,
        lab_department: None,
        lab_provider: key.lab_provider.clone(),
        name: None,
        standardised_vocabulary: None,
        test_lab_code: key.test_lab_code.clone(),
        test_standard_code: None,
    })?;
    Ok(test)
}
