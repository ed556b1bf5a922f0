//! Kinds of advance decisions.

use emap_star::{
    Session, SessionError,
    rows::{AdvanceDecisionType, AdvanceDecisionTypeByCode},
};

/// The kind with a code.
pub(crate) fn by_code<'s>(
    session: &'s mut Session,
    care_code: &str,
) -> Result<Option<&'s AdvanceDecisionType>, SessionError> {
    session.find_one::<AdvanceDecisionTypeByCode>(&care_code.to_owned())
}
