//! What can go wrong with the message store.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

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
    /// A statement failed though the connection works.
    #[error("database refused: {0}")]
    Refused(String),
    /// The embedded migrations failed.
    #[error("message store could not be created: {0}")]
    Migration(String),
}

impl IdsError {
    /// True when trying again after a reconnect makes sense.
    pub fn is_connection(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::ConnectionLost(_))
    }
}

impl From<DieselError> for IdsError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => {
                Self::ConnectionLost(one_line(info.message()))
            }
            // Diesel does not classify these: the server says that it stops or has not started yet.
            DieselError::DatabaseError(_, info) if says_going_down(info.message()) => {
                Self::ConnectionLost(one_line(info.message()))
            }
            DieselError::DatabaseError(_, info) => Self::Refused(one_line(info.message())),
            DieselError::BrokenTransactionManager => {
                Self::ConnectionLost("transaction broken off".to_owned())
            }
            other => Self::Refused(one_line(&other.to_string())),
        }
    }
}

impl From<diesel::ConnectionError> for IdsError {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unreachable(one_line(&error.to_string()))
    }
}

/// Phrases of libpq and the server for a connection that is no longer of use.
fn says_going_down(message: &str) -> bool {
    const PHRASES: [&str; 7] = [
        "server closed the connection",
        "terminating connection",
        "the database system is",
        "no connection to the server",
        "could not receive data",
        "could not send data",
        "connection not open",
    ];
    PHRASES.iter().any(|phrase| message.contains(phrase))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
