//! Laboratory tests as their providers define them.

use emap_star::{
    Session, SessionError,
    rows::{LabTestDefinition, TestByCode, TestCode},
};

/// The test with a code of a provider.
pub(crate) fn by_code<'s>(
    session: &'s mut Session,
    key: &TestCode,
) -> Result<Option<&'s LabTestDefinition>, SessionError> {
    session.find_one::<TestByCode>(key)
}
