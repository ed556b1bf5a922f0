//! Advance decisions of patients, and the kinds of these.

use emap_interchange::AdvanceDecision as Message;
use emap_star::{
    SessionError, UnitOfWork,
    rows::{
        AdvanceDecision, AdvanceDecisionByNumber, AdvanceDecisionId, AdvanceDecisionType,
        AdvanceDecisionTypeByCode, HospitalVisitId,
    },
};

use super::{in_memory::ids_under, visits};

/// The kind with a code.
pub(crate) fn kind_by_code<'s>(
    work: &'s mut UnitOfWork,
    care_code: &str,
) -> Result<Option<&'s AdvanceDecisionType>, SessionError> {
    work.find_one::<AdvanceDecisionTypeByCode>(&care_code.to_owned())
}

/// The decision with a number in the source system.
pub(crate) fn by_number(
    work: &mut UnitOfWork,
    number: i64,
) -> Result<Option<&AdvanceDecision>, SessionError> {
    work.find_one::<AdvanceDecisionByNumber>(&number)
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
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<AdvanceDecisionTypeByCode>(self.codes.iter().cloned())?;
        work.prefetch::<AdvanceDecisionByNumber>(self.numbers.iter().copied())?;
        visits::read_by_ids(work, self.visits(work))
    }

    /// Numbers of the visits for which the decisions are on record. Messages may name others.
    pub(crate) fn encounters(&self, work: &UnitOfWork) -> Vec<String> {
        visits::encounters_of(work, self.visits(work))
    }

    fn visits(&self, work: &UnitOfWork) -> Vec<HospitalVisitId> {
        let known =
            self.numbers.iter().flat_map(|number| work.in_memory_rows::<AdvanceDecisionByNumber>(number));
        known.map(|row| row.hospital_visit_id).collect()
    }
}

/// Primary keys of the decisions with a number, as far as they have been read.
pub(super) fn in_memory(work: &UnitOfWork, number: i64) -> Vec<AdvanceDecisionId> {
    ids_under::<AdvanceDecisionByNumber>(work, [number])
}
