//! From one HL7 message to interchange messages.

mod settings;

pub use self::settings::ConvertSettings;

pub(crate) use self::settings::DEFAULT_START;

use chrono::{DateTime, Utc};
use emap_hl7::{HospitalZone, Message as Hl7Message, ParseError, decode};
use emap_interchange::{Message, Payload};

use crate::{
    acceptance,
    clock::Clock,
    conditions::SentInfections,
    reasons::{Failure, PartialReject, RejectReason, SkipReason},
    received::Received,
    router,
    views::Msh,
};

/// Converts messages one after the other and remembers what later messages depend on.
#[derive(Debug, Clone)]
pub struct Converter {
    settings: ConvertSettings,
    sent_infections: SentInfections,
}

/// What became of one HL7 message.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// What the message says it is; `None` if it is no HL7 message.
    pub header: Option<Header>,
    /// What it gives.
    pub outcome: ConversionOutcome,
    /// Items that are missing in what it gives, because something is wrong with them. None unless it gives messages.
    pub partial: Vec<PartialReject>,
}

/// The kind of an HL7 message, as its header names it. Parts that are missing are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Message type (MSH-9.1), such as `ADT`.
    pub message_type: String,
    /// Trigger event (MSH-9.2), such as `A01`.
    pub trigger: String,
    /// Sending application (MSH-3.1).
    pub sender: String,
}

/// What an HL7 message gives: its interchange messages, or none and a reason.
#[derive(Debug, Clone, PartialEq)]
pub enum ConversionOutcome {
    /// These messages, in the order in which they are to be published.
    Messages(Vec<Message>),
    /// Nothing, on purpose.
    Skipped {
        /// Why.
        reason: SkipReason,
    },
    /// Nothing, because something is wrong with the message.
    Rejected {
        /// What is wrong.
        reason: RejectReason,
    },
}

/// The id of the messages of a row of the message store: its number, at least ten digits wide.
pub fn message_id(unid: i64) -> String {
    format!("{unid:010}")
}

impl Converter {
    /// A converter that has seen no message yet.
    pub fn new(settings: ConvertSettings) -> Self {
        let sent_infections = SentInfections::since(settings.default_start);
        Self { settings, sent_infections }
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &ConvertSettings {
        &self.settings
    }

    /// Converts one message. Never fails: whatever is wrong with the bytes is a [`ConversionOutcome`].
    ///
    /// `source_id` is the id given to the messages, see [`message_id`].
    pub fn convert(&mut self, source_id: &str, text: &[u8]) -> Conversion {
        self.convert_stored(source_id, text, None)
    }

    /// As [`Self::convert`], for a message that came into the message store at a known time: an event more than a year
    /// after that is refused as unreadable.
    pub fn convert_stored(
        &mut self,
        source_id: &str,
        text: &[u8],
        stored_at: Option<DateTime<Utc>>,
    ) -> Conversion {
        let text = decode(text);
        let message = match Hl7Message::parse(&text) {
            Ok(message) => message,
            Err(problem) => return self.unparsed(source_id, &text, problem),
        };
        let clock = Clock::new(HospitalZone(self.settings.zone), stored_at);
        let received = Received::new(source_id, &message, clock, self.settings.features);
        let header = Some(header(&received.msh));
        let result = acceptance::check(&received)
            .map_err(Failure::from)
            .and_then(|()| router::route(&received, &mut self.sent_infections));
        match result {
            Ok(messages) => {
                let outcome = ConversionOutcome::Messages(messages);
                Conversion { header, outcome, partial: received.into_left_out() }
            }
            Err(failure) => Conversion { header, outcome: failure.into(), partial: Vec::new() },
        }
    }

    /// What becomes of a text that is no message. Laboratories send results of several patients as message after
    /// message in one text: these are skipped as they are when only the patients' segments follow each other.
    fn unparsed(&self, source_id: &str, text: &str, problem: ParseError) -> Conversion {
        if matches!(problem, ParseError::SecondMessage { .. })
            && let Some(first) = first_message(text)
        {
            // By another converter, as what it gives is not sent.
            let first = Self::new(self.settings.clone()).convert(source_id, first.as_bytes());
            if first.outcome.is_lab_result() {
                let outcome = ConversionOutcome::Skipped { reason: SkipReason::SeveralPatients };
                return Conversion { header: first.header, outcome, partial: Vec::new() };
            }
        }
        let outcome = ConversionOutcome::Rejected { reason: RejectReason::Parse(problem) };
        Conversion { header: None, outcome, partial: Vec::new() }
    }
}

/// The part of the text before its second header.
fn first_message(text: &str) -> Option<&str> {
    let mut later = text.match_indices("MSH").skip(1).map(|(start, _)| &text[..start]);
    later.find(|before| before.ends_with(['\r', '\n']))
}

fn header(msh: &Msh) -> Header {
    let text = |value: emap_hl7::Value| value.literal().unwrap_or_default().into_owned();
    Header {
        message_type: text(msh.message_type()),
        trigger: text(msh.trigger()),
        sender: text(msh.sending_application()),
    }
}

impl ConversionOutcome {
    fn is_lab_result(&self) -> bool {
        let is_lab_result = |message: &Message| matches!(&message.payload, Payload::LabOrder(order) if !order.lab_results.is_empty());
        matches!(self, Self::Messages(messages) if messages.iter().any(is_lab_result))
    }
}

impl From<Failure> for ConversionOutcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Skip(reason) => Self::Skipped { reason },
            Failure::Reject(reason) => Self::Rejected { reason },
        }
    }
}
