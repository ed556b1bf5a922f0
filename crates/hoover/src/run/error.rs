//! Why the daemon ends before its time.

use emap_feed::FeedError;
use emap_service::{GaveUp, program::EarlyEnd};

use crate::{progress::ProgressError, settings::ConfigurationError};

/// Why hoover could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The progress table cannot be had.
    #[error("progress table: {0}")]
    Progress(GaveUp<ProgressError>),
    /// A part of the daemon broke down; a mistake in the program.
    #[error("hoover broke down: {0}")]
    Broken(#[from] FeedError),
}

impl EarlyEnd for RunError {
    fn was_asked_for(&self) -> bool {
        matches!(self, Self::Progress(GaveUp::Cancelled))
    }
}
