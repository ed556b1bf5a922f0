//! Conditions of patients: allergies, infections and problems.

mod allergies;
mod infections;
mod problems;
mod told;

use emap_hl7::Segment;
use emap_interchange::{Condition, ConditionKind, Instant, Message, Payload};

pub(crate) use allergies::allergies;
pub(crate) use infections::infections;
pub(crate) use problems::problems;
pub(crate) use told::InfectionsTold;

use crate::convert::{Received, RejectReason};
use crate::patients::by_patient;
use crate::values::{identifier, instant, plain_or_empty};
use crate::views::{Evn, Pid};

/// A patient and what a message says of the patient.
struct Patient<'m, 'a> {
    pid: Pid<'a>,
    segments: &'m [Segment<'a>],
}

impl<'m, 'a> Patient<'m, 'a> {
    fn all(received: &Received<'m, 'a>) -> impl Iterator<Item = Self> {
        by_patient(received.message.segments()).map(|segments| {
            let pid = segments.iter().find(|segment| segment.is(Pid::NAME));
            Self { pid: pid.map_or_else(Pid::missing, Pid::of), segments }
        })
    }

    fn mrn(&self) -> Option<String> {
        identifier(self.pid.mrn())
    }

    fn segments_named(&self, name: &'static str) -> impl Iterator<Item = &'m Segment<'a>> + use<'m, 'a> {
        self.segments.iter().filter(move |segment| segment.is(name))
    }

    /// A condition of the patient of which no more is known.
    fn condition(&self, kind: ConditionKind) -> Condition {
        Condition { mrn: self.mrn(), ..Condition::from(kind) }
    }
}

/// When the message was written, as its event says.
fn recorded_at(received: &Received) -> Result<Option<Instant>, RejectReason> {
    let evn = received.message.segment(Evn::NAME);
    Ok(evn.map_or(Ok(None), |evn| instant(Evn::of(&evn).recorded_at(), received.zone))?)
}

/// Numbers the conditions of one HL7 message.
fn messages(received: &Received, conditions: Vec<Condition>) -> Vec<Message> {
    let sender = plain_or_empty(received.msh.sending_application());
    let numbered = (1..).zip(conditions);
    numbered
        .map(|(number, condition): (usize, _)| Message {
            source_message_id: Some(received.numbered_id(number)),
            source_system: Some(sender.clone()),
            payload: Payload::Condition(Box::new(condition)),
        })
        .collect()
}
