//! Tests as their providers define them: implied by results, named by metadata.

use emap_interchange::LabMetadata;
use emap_star::{
    RowState,
    rows::{LabTestDefinition, LabTestDefinitionId, TestCode},
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
    scope: &mut Scope<'_, '_>,
    key: &TestCode,
    department: Option<&str>,
) -> Result<LabTestDefinitionId, Failure> {
    let mut test = open(scope, key)?;
    assign_plain(department, &mut test.lab_department);
    let id = test.lab_test_definition_id;
    scope.rows.save(test)?;
    Ok(id)
}

/// What the test is called.
pub(crate) fn name(scope: &mut Scope<'_, '_>, key: &TestCode, message: &LabMetadata) -> Result<(), Failure> {
    let mut test = open(scope, key)?;
    let newer = test.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.name, &mut test.name, newer);
    scope.rows.save(test)?;
    Ok(())
}

fn open(scope: &mut Scope<'_, '_>, key: &TestCode) -> Result<RowState<LabTestDefinition>, Failure> {
    let known = labs::test_by_code(scope.rows, key)?.cloned();
    let test = scope
        .open(known, |id| LabTestDefinition::new(id, key.lab_provider.clone(), key.test_lab_code.clone()))?;
    Ok(test)
}
