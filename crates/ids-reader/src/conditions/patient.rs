//! A patient of a message about conditions, and what the conditions of a message have in common.

use emap_hl7::{Place, Segment};
use emap_interchange::{Condition, ConditionKind, Instant, Message, Payload};

use crate::{
    patients::by_patient,
    reasons::RejectReason,
    received::Received,
    values::identifier,
    views::{Evn, Pid},
};

/// A patient and what a message says of the patient.
pub(super) struct Patient<'m, 'a> {
    pub(super) pid: Pid<'a>,
    pub(super) segments: &'m [Segment<'a>],
}

impl<'m, 'a> Patient<'m, 'a> {
    pub(super) fn all(received: &Received<'m, 'a>) -> impl Iterator<Item = Self> {
        by_patient(received.message.segments()).map(|segments| {
            let pid = segments.iter().find(|segment| segment.is(Pid::NAME));
            Self { pid: pid.map_or_else(Pid::missing, Pid::of), segments }
        })
    }

    pub(super) fn mrn(&self) -> Option<String> {
        identifier(self.pid.mrn())
    }

    pub(super) fn segments_named(
        &self,
        name: &'static str,
    ) -> impl Iterator<Item = &'m Segment<'a>> + use<'m, 'a> {
        self.segments.iter().filter(move |segment| segment.is(name))
    }

    /// A condition of the patient of which no more is known.
    pub(super) fn condition(&self, kind: ConditionKind) -> Condition {
        Condition { mrn: self.mrn(), ..Condition::from(kind) }
    }
}

/// When the conditions were recorded.
pub(super) fn recorded_at(received: &Received) -> Result<Option<Instant>, RejectReason> {
    let evn = received.message.segment(Evn::NAME);
    received.recorded_at(evn.as_ref().map(Evn::of).as_ref())
}

/// The conditions that can be read. What is wrong with one harms no other, but if none is left it is wrong with the
/// message.
pub(super) fn readable(
    received: &Received,
    items: impl Iterator<Item = (Place, Result<Condition, RejectReason>)>,
) -> Result<Vec<Condition>, RejectReason> {
    let (mut conditions, mut bad) = (Vec::new(), Vec::new());
    for (place, item) in items {
        match item {
            Ok(condition) => conditions.push(condition),
            Err(reason) => bad.push((place, reason)),
        }
    }
    if conditions.is_empty() && !bad.is_empty() {
        return Err(bad.swap_remove(0).1);
    }
    for (place, reason) in bad {
        received.leave_out(place, reason);
    }
    Ok(conditions)
}

/// Numbers the conditions of one HL7 message.
pub(super) fn messages(received: &Received, conditions: Vec<Condition>) -> Vec<Message> {
    let numbered = (1..).zip(conditions);
    let message = |(number, condition): (usize, Condition)| {
        received.numbered_message(number, Payload::Condition(Box::new(condition)))
    };
    numbered.map(message).collect()
}
