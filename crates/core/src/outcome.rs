//! How the processing of one message ends.

use emap_star::SessionError;
use thiserror::Error;

/// Why a message was not, or not fully, applied.
///
/// The first four say that the message and what is known do not fit together: what the message did before stays.
/// The others are failures: the whole message is undone. Texts name fields, never their values.
#[derive(Debug, Error)]
pub enum ProcessingError {
    /// Deliberately not applied.
    #[error("ignored: {0}")]
    Ignored(&'static str),
    /// What the message reports was cancelled by one that arrived before.
    #[error("cancelled: {0}")]
    Cancelled(&'static str),
    /// A field that this kind of message needs is not there.
    #[error("required data missing: {0}")]
    RequiredDataMissing(&'static str),
    /// The message contradicts what is stored.
    #[error("incompatible state: {0}")]
    IncompatibleState(&'static str),
    /// The message contradicts itself or its format.
    #[error("{0}")]
    Invalid(&'static str),
    /// No rules for this type of message yet; it is kept so that it can be processed later.
    #[error("messages of type {0} are not processed yet")]
    NotImplemented(&'static str),
    /// The rows could not be read or written.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl ProcessingError {
    /// What the message did before it failed stays.
    pub fn keeps_changes(&self) -> bool {
        matches!(
            self,
            Self::Ignored(_) | Self::Cancelled(_) | Self::RequiredDataMissing(_) | Self::IncompatibleState(_)
        )
    }
}

/// The end of a message, as the effect log and `core process` name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Applied; also where there was nothing to change.
    Success,
    /// Deliberately not applied.
    Ignored,
    /// Cancelled before it arrived.
    Cancelled,
    /// A needed field is missing.
    RequiredDataMissing,
    /// Contradicts what is stored.
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

impl From<&ProcessingError> for Outcome {
    fn from(error: &ProcessingError) -> Self {
        match error {
            ProcessingError::Ignored(_) => Self::Ignored,
            ProcessingError::Cancelled(_) => Self::Cancelled,
            ProcessingError::RequiredDataMissing(_) => Self::RequiredDataMissing,
            ProcessingError::IncompatibleState(_) => Self::IncompatibleState,
            ProcessingError::Invalid(_)
            | ProcessingError::NotImplemented(_)
            | ProcessingError::Session(_) => Self::Error,
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

impl From<&ProcessingError> for Report {
    fn from(error: &ProcessingError) -> Self {
        Self { outcome: error.into(), reason: Some(error.to_string()) }
    }
}
