//! What can go wrong with the progress tables.

use emap_ids::{IdsError, OtherReader};

/// Why the progress tables cannot be had, or not any more.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The database.
    #[error(transparent)]
    Database(#[from] IdsError),
    /// Another reader works with them; `None`: it has just ended, or this role may not see it.
    #[error("another reader has the progress tables: {}", in_words(.0.as_ref()))]
    Taken(Option<OtherReader>),
    /// They were changed by another reader while the connection to them was lost.
    #[error("another reader has worked with the progress tables meanwhile")]
    Moved,
}

impl TablesError {
    /// Whether trying again makes sense.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Database(error) => error.may_pass(),
            Self::Taken(_) | Self::Moved => true,
        }
    }
}

fn in_words(other: Option<&OtherReader>) -> String {
    other.map_or_else(|| "it cannot be seen".to_owned(), OtherReader::to_string)
}
