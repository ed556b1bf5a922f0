//! What can go wrong with the message store.

use diesel::result::Error as DieselError;
use emap_postgres::{ErrorClass, MigrationError};

/// A failure of the message store or of the progress tables. No text holds message content.
#[derive(Debug, thiserror::Error)]
pub enum IdsError {
    /// No connection.
    #[error("database not reachable: {0}")]
    Unreachable(String),
    /// The connection was lost or the server is going down.
    #[error("database connection lost: {0}")]
    ConnectionLost(String),
    /// The message table does not exist.
    #[error("table {schema}.tbl_ids_master does not exist; check IDS_JDBC_URL and IDS_SCHEMA")]
    NoTable {
        /// The schema that was looked in.
        schema: String,
    },
    /// The message table lacks columns or has them with unsuitable types.
    #[error("table {schema}.tbl_ids_master is not a message store: {problems}")]
    UnsuitableTable {
        /// The schema of the table.
        schema: String,
        /// Each missing or unsuitable column.
        problems: String,
    },
    /// The server is up but does not do what is asked, for a reason that may be its own: read-only, out of space, no
    /// right, a statement that took too long.
    #[error("database refused: {0}")]
    Unwilling(String),
    /// The statement or a value in it is at fault.
    #[error("database refused: {0}")]
    Refused(String),
    /// Tables could not be created.
    #[error("tables could not be created: {0}")]
    Migration(String),
}

impl IdsError {
    /// The condition of the server or of the way to it, and no fault of what was asked: it may be gone after a while,
    /// so trying again with a new connection makes sense.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::ConnectionLost(_) | Self::Unwilling(_))
    }
}

impl From<DieselError> for IdsError {
    fn from(error: DieselError) -> Self {
        let words = one_line(&error.to_string());
        match ErrorClass::of(&error) {
            ErrorClass::Lost => Self::ConnectionLost(words),
            ErrorClass::Unwilling => Self::Unwilling(words),
            ErrorClass::Conflict | ErrorClass::Refused => Self::Refused(words),
        }
    }
}

impl From<MigrationError> for IdsError {
    fn from(error: MigrationError) -> Self {
        match error {
            MigrationError::Database(error) => error.into(),
            MigrationError::Connection(error) => error.into(),
            other => Self::Migration(one_line(&other.to_string())),
        }
    }
}

impl From<diesel::ConnectionError> for IdsError {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unreachable(one_line(&error.to_string()))
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
