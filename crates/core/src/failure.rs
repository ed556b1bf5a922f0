//! Why a message was not, or not fully, applied, and what becomes of what it had done until then.

use emap_star::SessionError;
use thiserror::Error;

/// Why a message was not, or not fully, applied. Texts name fields, never their values.
#[derive(Debug, Error)]
pub(crate) enum Cause {
    /// Cancelled by a message that arrived before.
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

/// The cause of a failure, and its effect on the message.
#[derive(Debug, Error)]
#[error("{cause}")]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    /// What the message had done before it failed stays; otherwise the whole message is undone.
    pub(crate) keeps_what_was_done: bool,
}

impl Failure {
    /// The whole message is undone, whatever the cause.
    pub(crate) fn undoing_the_message(self) -> Self {
        Self { keeps_what_was_done: false, ..self }
    }
}

/// What the message does not fit together with leaves what was done before it; what should not happen undoes all.
impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        let keeps_what_was_done = match &cause {
            Cause::Cancelled(_) | Cause::RequiredDataMissing(_) | Cause::IncompatibleState(_) => true,
            Cause::Invalid(_) | Cause::NotImplemented(_) | Cause::Session(_) => false,
        };
        Self { cause, keeps_what_was_done }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Cause::from(error).into()
    }
}

/// The content of a field without which a message cannot be applied (any further). What it did before stays.
///
/// # Errors
/// When the field is not there; `name` is what the reason calls it.
pub(crate) fn required<T>(field: Option<T>, name: &'static str) -> Result<T, Failure> {
    field.ok_or(Cause::RequiredDataMissing(name).into())
}

/// The same for an identifier: an empty text is none.
///
/// # Errors
/// When the field is not there or empty; `name` is what the reason calls it.
pub(crate) fn required_text<'m>(field: Option<&'m str>, name: &'static str) -> Result<&'m str, Failure> {
    required(field.filter(|text| !text.is_empty()), name)
}
