//! From one HL7 message to interchange messages.

mod settings;

pub use self::settings::{ConvertSettings, ConvertSettingsError};

use emap_hl7::{HospitalZone, Message as Hl7Message, ParseError, decode};
use emap_interchange::{Message, Payload};

use crate::{
    acceptance,
    conditions::SentInfections,
    reasons::{Failure, RejectReason, SkipReason},
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
        let text = decode(text);
        let message = match Hl7Message::parse(&text) {
            Ok(message) => message,
            Err(problem) => return self.unparsed(source_id, &text, problem),
        };
        let msh = Msh::of(&message);
        let header = Some(header(&msh));
        let zone = HospitalZone(self.settings.zone);
        let received = Received { source_id, message: &message, msh, zone };
        let outcome = acceptance::check(&received)
            .map_err(Failure::from)
            .and_then(|()| router::route(&received, &mut self.sent_infections));
        Conversion { header, outcome: ConversionOutcome::from(outcome) }
    }

    /// What becomes of a text that is no message. Laboratories send results of several patients as message after
    /// message in one text: these are skipped as they are when only the patients' segments follow each other.
    fn unparsed(&self, source_id: &str, text: &str, problem: ParseError) -> Conversion {
        if matches!(problem, ParseError::SecondMessage { .. })
            && let Some(first) = first_message(text)
        {
            // By another converter, as what it gives is not sent.
            let Conversion { header, outcome } =
                Self::new(self.settings.clone()).convert(source_id, first.as_bytes());
            if outcome.is_lab_result() {
                let reason = SkipReason::SeveralPatients;
                return Conversion { header, outcome: ConversionOutcome::Skipped { reason } };
            }
        }
        let reason = RejectReason::Parse(problem);
        Conversion { header: None, outcome: ConversionOutcome::Rejected { reason } }
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

impl From<Result<Vec<Message>, Failure>> for ConversionOutcome {
    fn from(result: Result<Vec<Message>, Failure>) -> Self {
        match result {
            Ok(messages) => Self::Messages(messages),
            Err(Failure::Skip(reason)) => Self::Skipped { reason },
            Err(Failure::Reject(reason)) => Self::Rejected { reason },
        }
    }
}
