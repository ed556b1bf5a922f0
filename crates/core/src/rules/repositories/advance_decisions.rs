//! Advance decisions of patients, and the kinds of these.

use emap_interchange::AdvanceDecision as Message;
use emap_star::{
    Session, SessionError,
    rows::{AdvanceDecision, AdvanceDecisionByNumber, AdvanceDecisionType, AdvanceDecisionTypeByCode},
};

use super::in_memory::ids_under;

/// The kind with a code.
pub(crate) fn kind_by_code<'s>(
    session: &'s mut Session,
    care_code: &str,
) -> Result<Option<&'s AdvanceDecisionType>, SessionError> {
    session.find_one::<AdvanceDecisionTypeByCode>(&care_code.to_owned())
}

/// The decision with a number in the source system.
pub(crate) fn by_number(
    session: &mut Session,
    number: i64,
) -> Result<Option<&AdvanceDecision>, SessionError> {
    session.find_one::<AdvanceDecisionByNumber>(&number)
}

/// Codes and numbers that messages name.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    codes: Vec<String>,
    numbers: Vec<i64>,
}

impl Announced {
    pub(crate) fn add(&mut self, message: &Message) {
        self.codes.extend(message.advance_care_code.clone());
        self.numbers.extend(message.advance_decision_number);
    }

    /// The kinds and the decisions.
    pub(crate) fn read(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<AdvanceDecisionTypeByCode>(self.codes.iter().cloned())?;
        session.prefetch::<AdvanceDecisionByNumber>(self.numbers.iter().copied())
    }
}

/// Primary keys of the decisions with a number, as far as they have been read.
pub(super) fn in_memory(session: &Session, number: i64) -> Vec<i64> {
    ids_under::<AdvanceDecisionByNumber>(session, [number])
}
