//! Tests as their providers define them: implied by results, named by metadata.

use emap_interchange::LabMetadata;
use emap_star::{
    RowState,
    rows::{LabTestDefinition, TestCode},
};

use crate::{
    assign::{assign_if_null_or_newer, assign_plain},
    failure::Failure,
    rules::repositories::labs,
    scope::Scope,
};

/// The primary key of the test; one that no message mentioned before is created. It belongs to the department that
/// reported it last.
pub(crate) fn get_or_create(
    scope: &mut Scope<'_>,
    key: &TestCode,
    department: Option<&str>,
) -> Result<i64, Failure> {
    let mut test = open(scope, key)?;
    assign_plain(department, &mut test.lab_department);
    let id = test.lab_test_definition_id;
    scope.session.save(test)?;
    Ok(id)
}

/// What the test is called.
pub(crate) fn name(scope: &mut Scope<'_>, key: &TestCode, message: &LabMetadata) -> Result<(), Failure> {
    let mut test = open(scope, key)?;
    let newer = test.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.name, &mut test.name, newer);
    scope.session.save(test)?;
    Ok(())
}

fn open(scope: &mut Scope<'_>, key: &TestCode) -> Result<RowState<LabTestDefinition>, Failure> {
    let known = labs::test_by_code(scope.session, key)?.cloned();
    let test = scope.open(known, |id, stored_from, valid_from| LabTestDefinition {
        lab_test_definition_id: id,
        stored_from,
        valid_from,
        lab_department: None,
        lab_provider: key.lab_provider.clone(),
        name: None,
        standardised_vocabulary: None,
        test_lab_code: key.test_lab_code.clone(),
        test_standard_code: None,
    })?;
    Ok(test)
}
