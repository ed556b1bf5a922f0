//! Advance decisions of patients.

use emap_star::{
    Session, SessionError,
    rows::{AdvanceDecision, AdvanceDecisionByNumber},
};

/// The decision with a number in the source system.
pub(crate) fn by_number(
    session: &mut Session,
    number: i64,
) -> Result<Option<&AdvanceDecision>, SessionError> {
    session.find_one::<AdvanceDecisionByNumber>(&number)
}
