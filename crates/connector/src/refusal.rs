//! Why a message is not accepted, and how the acknowledgement says so.

use emap_hl7::{AckCode, AckError, NoSuchField, NoTime};

/// A failure that no rule foresees, named as the platform's services name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unexpected {
    /// A date that is none.
    Value,
    /// MSH-7 is empty.
    Attribute,
    /// A merge without MRG.
    Key,
    /// A segment that ends before a field that is needed.
    Index,
}

/// Why a message is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// MSH-9.1 is something else than ADT.
    Type(String),
    /// MSH-9.2 is not in the list.
    Trigger(String),
    /// There is no PID.
    NoPatient,
    /// PID-3 has neither an MRN nor an NHS number.
    NoMrnAndNhsNumber,
    /// PV1-2 is one that is not wanted.
    EncounterType(String),
    /// PV1-3.1 is `""`.
    NoWard,
    /// Neither identifier, where actions are built.
    NoIdentifiers,
    /// MSH-10 is known already.
    Duplicate,
    /// MSH-10 is longer than an index takes.
    ControlIdTooLong,
    /// Anything else.
    Unexpected(Unexpected),
}

impl Refusal {
    /// MSA-1.
    pub fn code(&self) -> AckCode {
        match self {
            Self::Type(_)
            | Self::Trigger(_)
            | Self::NoMrnAndNhsNumber
            | Self::Duplicate
            | Self::ControlIdTooLong => AckCode::Reject,
            Self::NoPatient
            | Self::EncounterType(_)
            | Self::NoWard
            | Self::NoIdentifiers
            | Self::Unexpected(_) => AckCode::Error,
        }
    }

    /// The ERR segment.
    pub fn error(&self) -> AckError {
        let kind = match self.code() {
            AckCode::Reject => "Hl7ApplicationRejectException",
            AckCode::Accept | AckCode::Error => "Hl7ApplicationErrorException",
        };
        AckError { kind, text: self.text() }
    }

    /// A name for figures and logs, without anything from the message.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Type(_) => "message type",
            Self::Trigger(_) => "trigger event",
            Self::NoPatient => "no PID",
            Self::NoMrnAndNhsNumber | Self::NoIdentifiers => "no identifiers",
            Self::EncounterType(_) => "encounter type",
            Self::NoWard => "no ward",
            Self::Duplicate => "duplicate",
            Self::ControlIdTooLong => "control id too long",
            Self::Unexpected(_) => "unreadable value",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Type(found) => format!("HL7 message of unexpected type '{}'", one_line(found)),
            Self::Trigger(found) => format!("HL7 message of unexpected ADT type '{}'", one_line(found)),
            Self::NoPatient => "HL7 PID segment missing".to_owned(),
            Self::NoMrnAndNhsNumber => "HL7 MRN and NHS number missing".to_owned(),
            Self::EncounterType(found) => {
                format!("HL7 message concerns blacklisted encounter type '{}'", one_line(found))
            }
            Self::NoWard => {
                "HL7 message contains an assigned patient location but the ward code is missing".to_owned()
            }
            Self::NoIdentifiers => "No patient identifiers in message".to_owned(),
            Self::Duplicate => "HL7 message appears to be duplicate".to_owned(),
            Self::ControlIdTooLong => "HL7 message control id is too long".to_owned(),
            Self::Unexpected(kind) => {
                let kind = match kind {
                    Unexpected::Value => "ValueError",
                    Unexpected::Attribute => "AttributeError",
                    Unexpected::Key => "KeyError",
                    Unexpected::Index => "IndexError",
                };
                format!("Unexpected error: {kind}")
            }
        }
    }
}

/// A value of the message must not begin a segment of the answer.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

impl From<Unexpected> for Refusal {
    fn from(unexpected: Unexpected) -> Self {
        Self::Unexpected(unexpected)
    }
}

impl From<NoTime> for Refusal {
    fn from(_: NoTime) -> Self {
        Self::Unexpected(Unexpected::Value)
    }
}

impl From<NoSuchField> for Refusal {
    fn from(_: NoSuchField) -> Self {
        Self::Unexpected(Unexpected::Index)
    }
}
