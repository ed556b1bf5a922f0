//! What can go wrong between rules and rows.

use emap_postgres::ErrorClass;
use thiserror::Error;

/// A failure of the unit of work.
#[derive(Debug, Error)]
pub enum SessionError {
    /// A text does not fit its column; the message that brought it fails, no other.
    #[error("text of {length} characters is too long for {table}.{column} (at most {limit})")]
    TextTooLong {
        /// Table of the row.
        table: &'static str,
        /// Column that the text was meant for.
        column: &'static str,
        /// Characters in the text.
        length: usize,
        /// Characters that the column takes.
        limit: usize,
    },
    /// PostgreSQL cannot store the character U+0000 in a text.
    #[error("text for {table}.{column} contains the character U+0000")]
    NulCharacter {
        /// Table of the row.
        table: &'static str,
        /// Column that the text was meant for.
        column: &'static str,
    },
    /// Several rows where the rules know at most one.
    #[error("{count} rows in {table} where at most one is expected")]
    SeveralRows {
        /// Table that was asked.
        table: &'static str,
        /// Rows found.
        count: usize,
    },
    /// A row that was just used is not there (any more).
    #[error("no row {id} in {table}")]
    RowMissing {
        /// Table that was asked.
        table: &'static str,
        /// Primary key asked for.
        id: i64,
    },
    /// Another process changed, deleted or created rows that this batch read. Doing the batch again helps.
    #[error("another process changed rows of {table} meanwhile")]
    ChangedMeanwhile {
        /// Table of the rows.
        table: &'static str,
    },
    /// The locks with which a batch begins could not be taken: other processes hold them too long, or the database was
    /// lost. No row was read yet.
    #[error("database, while other processes were waited for: {0}")]
    Locks(diesel::result::Error),
    /// The database refused a statement or was lost.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    /// No connection could be opened.
    #[error("cannot connect to the star database: {0}")]
    Connection(#[from] diesel::ConnectionError),
}

impl SessionError {
    /// Whose fault it is; a message that asks for what cannot be stored is at fault itself.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Database(error) | Self::Locks(error) => ErrorClass::of(error),
            Self::Connection(_) => ErrorClass::Lost,
            Self::ChangedMeanwhile { .. } => ErrorClass::Conflict,
            _ => ErrorClass::Refused,
        }
    }
}
