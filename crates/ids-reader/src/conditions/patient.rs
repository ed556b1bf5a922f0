//! A patient of a message about conditions, and what the conditions of a message have in common.

use emap_hl7::Segment;
use emap_interchange::{Condition, ConditionKind, Instant, Message, Payload};

use crate::{
    patients::by_patient,
    reasons::RejectReason,
    received::Received,
    values::{identifier, instant},
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

/// When the message was written, as its event says.
pub(super) fn recorded_at(received: &Received) -> Result<Option<Instant>, RejectReason> {
    let evn = received.message.segment(Evn::NAME);
    Ok(evn.map_or(Ok(None), |evn| instant(Evn::of(&evn).recorded_at(), received.zone))?)
}

/// Numbers the conditions of one HL7 message.
pub(super) fn messages(received: &Received, conditions: Vec<Condition>) -> Vec<Message> {
    let numbered = (1..).zip(conditions);
    let message = |(number, condition): (usize, Condition)| {
        received.numbered_message(number, Payload::Condition(Box::new(condition)))
    };
    numbered.map(message).collect()
}
