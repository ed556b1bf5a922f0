//! Where the segments of patient and visit are found.

use emap_hl7::Message;

use crate::views::{Evn, Pid, Pv1, Pv2};

/// The kind of message that speaks of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// An ADT message: about the patient.
    Adt,
    /// An order or a result, which names its patient along the way.
    OrderOrResult,
}

/// The segments that describe the first patient of a message and the visit. What the message does not have reads as
/// absent.
pub(super) struct Segments<'a> {
    /// `None` only where the kind of message has no place for it and the message has none.
    pub(super) evn: Option<Evn<'a>>,
    pub(super) pid: Pid<'a>,
    pub(super) pv1: Pv1<'a>,
    pub(super) pv2: Pv2<'a>,
}

impl<'a> Segments<'a> {
    /// The first of each kind up to a second patient, in whatever order: only their names matter.
    pub(super) fn find(message: &Message<'a>, origin: Origin) -> Self {
        let mut found = Self { evn: None, pid: Pid::missing(), pv1: Pv1::missing(), pv2: Pv2::missing() };
        for segment in message.segments() {
            match segment.name() {
                Pid::NAME if found.pid.is_present() => break,
                Pid::NAME => found.pid = Pid::of(segment),
                Evn::NAME if found.evn.is_none() => found.evn = Some(Evn::of(segment)),
                Pv1::NAME if !found.pv1.is_present() => found.pv1 = Pv1::of(segment),
                // Orders and results are no source for the mode of arrival.
                Pv2::NAME if !found.pv2.is_present() && origin == Origin::Adt => found.pv2 = Pv2::of(segment),
                _ => {}
            }
        }
        if origin == Origin::Adt {
            found.evn.get_or_insert_with(Evn::missing);
        }
        found
    }
}
