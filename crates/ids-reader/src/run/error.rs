//! Why the reader ends before its time.

use emap_feed::FeedError;
use emap_ids::IdsError;
use emap_service::{GaveUp, program::EarlyEnd};

use super::tables::TablesError;

/// Why a reader could not start or go on. Once it runs, nothing but the end of the window and the cancellation stop it.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The message store is not there or not what it should be.
    #[error("message store: {0}")]
    Store(GaveUp<IdsError>),
    /// The progress tables cannot be had.
    #[error("progress tables: {0}")]
    Progress(GaveUp<TablesError>),
    /// It was stopped before its work was done.
    #[error("stopped before all rows were published")]
    Stopped,
    /// A part of the reader broke down; a mistake in the program.
    #[error("the reader broke down: {0}")]
    Broken(#[from] FeedError),
}

impl EarlyEnd for RunError {
    fn was_asked_for(&self) -> bool {
        matches!(self, Self::Store(GaveUp::Cancelled) | Self::Progress(GaveUp::Cancelled) | Self::Stopped)
    }
}
