//! What one message says about where a patient was.

use chrono::{DateTime, Utc};
use emap_star::rows::LocationId;

/// What a fact says happened (star: `location_event.event_type`).
///
/// The order of the variants is the order of facts at one instant: who arrives and leaves at the same time
/// arrives first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    /// The patient came to the place: admission, registration, transfer, or their half of a swap.
    Move,
    /// The patient left the hospital from the place.
    Discharge,
    /// The admission to the place at that time did not happen.
    CancelAdmit,
    /// The transfer to the place did not happen.
    CancelTransfer,
    /// The discharge from the place at that time did not happen.
    CancelDischarge,
}

impl FactKind {
    const ALL: [Self; 5] =
        [Self::Move, Self::Discharge, Self::CancelAdmit, Self::CancelTransfer, Self::CancelDischarge];

    /// The name under which the kind is stored, for example `CANCEL_ADMIT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Move => "MOVE",
            Self::Discharge => "DISCHARGE",
            Self::CancelAdmit => "CANCEL_ADMIT",
            Self::CancelTransfer => "CANCEL_TRANSFER",
            Self::CancelDischarge => "CANCEL_DISCHARGE",
        }
    }

    /// The kind stored under a name; none if no kind has that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    pub(super) fn is_cancellation(self) -> bool {
        self > Self::Discharge
    }
}

/// A place with the text that orders it among others.
///
/// Places at one instant are distinguished by text, not by id: ids are given out in the order in which places
/// are first heard of, which must not decide where a patient was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place<'a> {
    /// HL7 location text (star: `location.location_string`).
    pub text: &'a str,
    /// Star: `location.location_id`.
    pub id: LocationId,
}

/// What one message says about where a patient was (star: `location_event`).
///
/// `P` is the place: anything that is copied cheaply and whose order does not depend on when it became
/// known. Core uses [`Place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact<P> {
    /// What happened.
    pub kind: FactKind,
    /// Where: the new place of a MOVE, the place left by a DISCHARGE, the place a cancellation names.
    pub place: P,
    /// Where the patient was before, if the message says so. Differs from `place`: a message that moves
    /// nobody is no fact.
    pub previous: Option<P>,
    /// When it happened; for a cancellation, the time it names.
    pub at: DateTime<Utc>,
    /// When the event behind the message took place.
    pub message_at: DateTime<Utc>,
    /// When the source recorded it, if known.
    pub recorded: Option<DateTime<Utc>>,
}

impl<P: Copy + Ord> Fact<P> {
    /// Whether both say the same happened at the same place and time. Such facts are one fact.
    pub fn repeats(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    /// Takes over from a repeat what is later in it: when it was recorded and the time of its message.
    /// Returns whether that changed anything.
    ///
    /// Later wins, so that it does not matter which of the two was known first. The time of the message
    /// counts because a cancellation reaches as far as its latest message.
    pub fn absorb(&mut self, repeat: &Self) -> bool {
        let before = (self.recorded, self.message_at);
        self.recorded = self.recorded.max(repeat.recorded);
        self.message_at = self.message_at.max(repeat.message_at);
        (self.recorded, self.message_at) != before
    }

    /// How recent the knowledge is: when it was recorded or, failing that, when it happened.
    pub(super) fn rank(&self) -> DateTime<Utc> {
        self.recorded.unwrap_or(self.at)
    }

    /// The latest moment a cancellation can know of. What happens later stays.
    pub(super) fn limit(&self) -> DateTime<Utc> {
        self.at.max(self.message_at).max(self.rank())
    }

    pub(super) fn is_move(&self) -> bool {
        self.kind == FactKind::Move
    }

    fn identity(&self) -> (DateTime<Utc>, FactKind, P, Option<P>) {
        (self.at, self.kind, self.place, self.previous)
    }
}

/// The facts without repeats.
pub(super) fn merged<P: Copy + Ord>(facts: &[Fact<P>]) -> Vec<Fact<P>> {
    let mut known = facts.to_vec();
    known.sort_unstable_by_key(Fact::identity);
    known.dedup_by(|repeat, kept| {
        let is_repeat = repeat.repeats(kept);
        if is_repeat {
            kept.absorb(repeat);
        }
        is_repeat
    });
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_the_name_they_are_stored_under() {
        for kind in FactKind::ALL {
            assert_eq!(FactKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(FactKind::from_name("move"), None);
    }

    #[test]
    fn places_are_ordered_by_text() {
        let (ward, bay) = (
            Place { text: "WARD^1^2", id: LocationId::new(1) },
            Place { text: "BAY^1^2", id: LocationId::new(2) },
        );
        assert!(bay < ward);
    }
}
