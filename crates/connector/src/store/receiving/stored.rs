//! What became of a message that was to be stored.

use crate::store::error::StoreError;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The answer.
    pub(crate) ack: String,
    /// Its control id was known already.
    pub(crate) duplicate: bool,
}

/// What is reported to whoever waits for a message to be stored.
pub(crate) type Outcome = Result<Stored, StoreError>;
