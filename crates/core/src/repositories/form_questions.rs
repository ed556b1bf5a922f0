//! Questions of forms.

use emap_star::{
    Session, SessionError,
    rows::{FormQuestion, FormQuestionBySourceId},
};

/// The question with an identifier in its source.
pub(crate) fn by_source_id<'s>(
    session: &'s mut Session,
    id: &str,
) -> Result<Option<&'s FormQuestion>, SessionError> {
    session.find_one::<FormQuestionBySourceId>(&id.to_owned())
}
