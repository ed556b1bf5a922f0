//! How the processing of one message ends.

use crate::failure::{Cause, Failure};

/// The end of a message, as the effect log and `core process` name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Applied; also where there was nothing to change.
    Success,
    /// Deliberately not applied.
    Ignored,
    /// Cancelled before it arrived.
    Cancelled,
    /// A needed field is missing; what the message did before stays.
    RequiredDataMissing,
    /// Contradicts what is stored; what the message did before stays.
    IncompatibleState,
    /// Anything else; nothing of the message is kept.
    Error,
}

impl Outcome {
    /// The name in logs, metrics and printed lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Ignored => "ignored",
            Self::Cancelled => "cancelled",
            Self::RequiredDataMissing => "required_data_missing",
            Self::IncompatibleState => "incompatible_state",
            Self::Error => "error",
        }
    }

    /// Counts as an error in the effect log, and is kept among the rejects.
    pub fn is_error(self) -> bool {
        !matches!(self, Self::Success | Self::Ignored)
    }
}

impl From<&Failure> for Outcome {
    fn from(failure: &Failure) -> Self {
        match failure.cause {
            _ if !failure.keeps_what_was_done => Self::Error,
            Cause::Cancelled(_) => Self::Cancelled,
            Cause::RequiredDataMissing(_) => Self::RequiredDataMissing,
            Cause::IncompatibleState(_) => Self::IncompatibleState,
            Cause::Invalid(_) | Cause::NotImplemented(_) | Cause::Session(_) => Self::Error,
        }
    }
}

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// Why, unless it succeeded.
    pub reason: Option<String>,
}

impl Report {
    /// The message was applied.
    pub fn success() -> Self {
        Self { outcome: Outcome::Success, reason: None }
    }

    /// The message could not be read or applied.
    pub fn error(reason: String) -> Self {
        Self { outcome: Outcome::Error, reason: Some(reason) }
    }
}

impl From<&Failure> for Report {
    fn from(failure: &Failure) -> Self {
        Self { outcome: failure.into(), reason: Some(failure.to_string()) }
    }
}
