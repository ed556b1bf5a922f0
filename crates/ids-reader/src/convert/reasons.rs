//! Why a message gives nothing. Texts name segments and fields, never their content.

use emap_hl7::{BadTimestamp, ParseError, Place};
use thiserror::Error;

use crate::coding_system::{CodingSystem, Family};

/// Why a message is left out on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SkipReason {
    /// No rule for this message type and trigger.
    #[error("no rule for this message type and trigger")]
    UnknownType,
    /// An ADT message from another system than the hospital's record system.
    #[error("ADT messages are only read from EPIC")]
    Sender,
    /// An ADT trigger that no rule converts.
    #[error("no rule for this ADT trigger")]
    Trigger,
    /// A registration that only opens an encounter (EVN-4 is `ENC_CREATE`).
    #[error("the registration only creates an encounter")]
    EncounterCreated,
    /// An order or result that no lab or department system is known for.
    #[error("unknown coding system of order or result")]
    UnknownCodingSystem,
    /// An order or result system that does not send this type of message.
    #[error("messages of this type are not read from {0}")]
    CodingSystem(CodingSystem),
    /// A family of messages that is not converted.
    #[error("{0} are not converted")]
    Family(Family),
    /// Nothing to convert but the patient and visit, and these cannot be read.
    #[error("no patient and visit data to tell: {0}")]
    NoImpliedAdt(RejectReason),
}

impl SkipReason {
    /// A short word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::UnknownType => "unknown_type",
            Self::Sender => "sender",
            Self::Trigger => "trigger",
            Self::EncounterCreated => "encounter_created",
            Self::UnknownCodingSystem => "unknown_coding_system",
            Self::CodingSystem(_) => "coding_system",
            Self::Family(_) => "family",
            Self::NoImpliedAdt(_) => "no_implied_adt",
        }
    }
}

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RejectReason {
    /// Not an HL7 message.
    #[error("no HL7 message: {0}")]
    Parse(#[from] ParseError),
    /// Cut off so early that it cannot be a real message.
    #[error("the message has fewer than {0} field separators")]
    Truncated(usize),
    /// No message type and trigger in MSH-9.
    #[error("MSH-9 (segment 1): no message type and trigger")]
    MessageType,
    /// MSH-12 is none of the versions 2.1 to 2.8.
    #[error("MSH-12 (segment 1): no version of HL7 from 2.1 to 2.8")]
    Version,
    /// No sending application in MSH-3.
    #[error("MSH-3 (segment 1): no sending application")]
    NoSender,
    /// A value whose data type (OBX-2) is missing or none of HL7's.
    #[error("{0}: no data type for the value")]
    DataType(Place),
    /// A timestamp that cannot be read.
    #[error(transparent)]
    Timestamp(#[from] BadTimestamp),
    /// A patient class that is not in the value list.
    #[error("{0}: unknown patient class")]
    PatientClass(Place),
}

impl RejectReason {
    /// A short word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Parse(_) => "parse",
            Self::Truncated(_) => "truncated",
            Self::MessageType => "message_type",
            Self::Version => "version",
            Self::NoSender => "no_sender",
            Self::DataType(_) => "data_type",
            Self::Timestamp(_) => "timestamp",
            Self::PatientClass(_) => "patient_class",
        }
    }
}

/// Either of the two, while a message is being converted.
#[derive(Debug)]
pub(crate) enum Failure {
    Skip(SkipReason),
    Reject(RejectReason),
}

impl From<SkipReason> for Failure {
    fn from(reason: SkipReason) -> Self {
        Self::Skip(reason)
    }
}

impl<R: Into<RejectReason>> From<R> for Failure {
    fn from(reason: R) -> Self {
        Self::Reject(reason.into())
    }
}
