//! One HL7 message on its way to interchange messages: what every family needs of it, and how its messages are labelled.

use std::cell::RefCell;

use emap_hl7::{Message as Hl7Message, Place};
use emap_interchange::{Features, Instant, Message, Payload};

use crate::{
    clock::Clock,
    reasons::{PartialReject, RejectReason},
    values::plain,
    views::{Evn, Msh},
};

/// The source system of lab orders whose sender gives no name.
const NO_SENDER: &str = "Not in Message";

/// An accepted message.
pub(crate) struct Received<'m, 'a> {
    pub(crate) source_id: &'m str,
    pub(crate) message: &'m Hl7Message<'a>,
    pub(crate) msh: Msh<'a>,
    pub(crate) clock: Clock,
    /// What the receivers of the messages understand.
    pub(crate) features: Features,
    left_out: RefCell<Vec<PartialReject>>,
}

impl<'m, 'a> Received<'m, 'a> {
    pub(crate) fn new(
        source_id: &'m str,
        message: &'m Hl7Message<'a>,
        clock: Clock,
        features: Features,
    ) -> Self {
        Self { source_id, message, msh: Msh::of(message), clock, features, left_out: RefCell::default() }
    }

    /// Records that an item of the message is left out, and why. The rest of the message is published without it.
    pub(crate) fn leave_out(&self, place: Place, reason: RejectReason) {
        tracing::warn!(id = self.source_id, %place, %reason, "left out");
        self.left_out.borrow_mut().push(PartialReject { place, reason });
    }

    /// All items that are left out.
    pub(crate) fn into_left_out(self) -> Vec<PartialReject> {
        self.left_out.into_inner()
    }

    /// An interchange message with the id of the row.
    pub(crate) fn message(&self, payload: impl Into<Payload>) -> Message {
        self.message_with_id(self.source_id.to_owned(), payload)
    }

    /// One of several interchange messages of a kind, numbered from 1: `0000000907$03`.
    pub(crate) fn numbered_message(&self, number: usize, payload: impl Into<Payload>) -> Message {
        self.message_with_id(format!("{}${number:02}", self.source_id), payload)
    }

    /// An interchange message with an id of its own. Its source system is the sender; without a name, what receivers
    /// expect of the family: a fixed text for lab orders, else the empty text.
    pub(crate) fn message_with_id(&self, id: String, payload: impl Into<Payload>) -> Message {
        let payload = payload.into();
        let source_system = match payload {
            Payload::LabOrder(_) => self.lab_sender(),
            _ => self.sender().unwrap_or_default(),
        };
        Message { source_message_id: Some(id), source_system: Some(source_system), payload }
    }

    /// The application that sent the message (MSH-3).
    pub(crate) fn sender(&self) -> Option<String> {
        plain(self.msh.sending_application())
    }

    /// The sender as lab orders name it; some of their results name it as their coding system too.
    pub(crate) fn lab_sender(&self) -> String {
        self.sender().unwrap_or_else(|| NO_SENDER.to_owned())
    }

    /// Data about patient and visit are of no use without knowing which system they come from.
    pub(crate) fn require_sender(&self) -> Result<(), RejectReason> {
        if self.msh.sending_application().is_absent() { Err(RejectReason::NoSender) } else { Ok(()) }
    }

    /// When the message was recorded: as its event says (EVN-2); without an event segment, when it was written (MSH-7).
    pub(crate) fn recorded_at(&self, evn: Option<&Evn>) -> Result<Option<Instant>, RejectReason> {
        self.clock.event(evn.map_or_else(|| self.msh.written_at(), Evn::recorded_at))
    }
}
