//! Questions that are asked with orders, requests and decisions.

use emap_star::{
    Session, SessionError,
    rows::{Question, QuestionByText},
};

/// The question with exactly this text.
pub(crate) fn by_text<'s>(
    session: &'s mut Session,
    text: &str,
) -> Result<Option<&'s Question>, SessionError> {
    session.find_one::<QuestionByText>(&text.to_owned())
}
