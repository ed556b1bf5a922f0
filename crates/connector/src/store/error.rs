//! What can go wrong with the database. No text holds message content.

use diesel::result::Error as DieselError;
use emap_ids::IdsError;
use emap_postgres::{ErrorClass, MigrationError};

/// A failure of the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreError {
    /// No connection, or it was lost.
    #[error("database not reachable: {0}")]
    Unreachable(String),
    /// All connections were in use for too long.
    #[error("no database connection was free in time")]
    Busy,
    /// The server answers and does not do what is asked.
    #[error("database refused: {0}")]
    Refused(String),
}

impl StoreError {
    /// Whether a new connection may help.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        let class = ErrorClass::of(&error);
        // The server's words may quote a value; the first line of a refusal names the constraint or the table.
        let words = error.to_string().lines().next().unwrap_or_default().to_owned();
        match class {
            ErrorClass::Lost => Self::Unreachable(words),
            ErrorClass::Unwilling | ErrorClass::Conflict | ErrorClass::Refused => Self::Refused(words),
        }
    }
}

impl From<diesel::ConnectionError> for StoreError {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unreachable(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<MigrationError> for StoreError {
    fn from(error: MigrationError) -> Self {
        match error {
            MigrationError::Database(error) => error.into(),
            other => Self::Refused(other.to_string().split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
}

impl From<IdsError> for StoreError {
    fn from(error: IdsError) -> Self {
        match error {
            IdsError::Unreachable(words) | IdsError::ConnectionLost(words) => {
                Self::Unreachable(format!("message store: {words}"))
            }
            other => Self::Refused(format!("message store: {other}")),
        }
    }
}
