//! Why a source cannot be read.

use std::time::Duration;

/// A failed query or connection. No text holds data of a patient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It is not there, or not what was expected.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// User or password are wrong, or the user may not use the database. Another attempt soon would only lock the account.
    #[error("login refused: {0}")]
    LoginRefused(String),
    /// The server refused the query.
    #[error("{file}: error {number}: {message}")]
    Refused {
        /// The query's file.
        file: String,
        /// The server's number of the error, or its code.
        number: String,
        /// The server's own message where that cannot hold data.
        message: String,
    },
    /// The connection broke.
    #[error("{file}: connection lost: {reason}")]
    Lost {
        /// The query's file.
        file: String,
        /// What happened.
        reason: String,
    },
    /// No answer for too long.
    #[error("{file}: no answer within {} s", limit.as_secs())]
    TimedOut {
        /// The query's file.
        file: String,
        /// The limit.
        limit: Duration,
    },
    /// The result is not what the contract says.
    #[error("{file} {difference}")]
    Contract {
        /// The query's file.
        file: String,
        /// The first difference.
        difference: String,
    },
    /// A site's own query cannot be read.
    #[error("{0}")]
    QueryFile(String),
    /// The source does not say up to when it is complete.
    #[error("{0}: the load status is empty")]
    NoLoadStatus(String),
}

impl SourceError {
    /// Whether user or password were refused.
    pub fn is_login_refused(&self) -> bool {
        matches!(self, Self::LoginRefused(_))
    }
}
