//! Templates for forms.

use emap_star::{
    Session, SessionError,
    rows::{FormDefinition, FormDefinitionBySourceId},
};

/// The template with an identifier in its source.
pub(crate) fn by_source_id<'s>(
    session: &'s mut Session,
    id: &str,
) -> Result<Option<&'s FormDefinition>, SessionError> {
    session.find_one::<FormDefinitionBySourceId>(&id.to_owned())
}
