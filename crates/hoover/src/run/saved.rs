//! Progress in its table.

use std::convert::Infallible;

use emap_feed::{ProgressStore, Settled};

use super::processor::Position;
use crate::progress::{EtlHooverProgress, ProgressError, ProgressTable};

/// Called with each progress that was saved.
pub(super) type OnProgress = Box<dyn Fn(&EtlHooverProgress) + Send + Sync>;

/// The table, and who is interested in what is saved there.
pub(super) struct SavedProgress {
    pub(super) table: ProgressTable,
    pub(super) on_progress: OnProgress,
}

impl ProgressStore for SavedProgress {
    type Position = Position;
    /// What is left out is in the log.
    type Record = Infallible;
    type Error = ProgressError;

    fn save(&mut self, settled: &Settled<Position, Infallible>) -> Result<(), ProgressError> {
        for progress in settled.position.iter().flatten() {
            self.table.save(progress)?;
            (self.on_progress)(progress);
        }
        Ok(())
    }

    fn recover(&mut self) -> Result<(), ProgressError> {
        self.table.reconnect()
    }
}
