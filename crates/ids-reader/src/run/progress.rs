//! Progress and rejects in their tables.

use std::sync::Arc;

use chrono::Utc;
use emap_feed::{ProgressStore, Settled};
use emap_ids::{IdsError, Progress, ProgressStore as ProgressTables, Reject};

use super::{figures::Figures, source::Position, summary::RunProgress};

/// Called with the state of things whenever progress has been saved.
type OnProgress = Box<dyn Fn(&RunProgress) + Send + Sync>;

/// The tables `etl_ids_progress` and `etl_ids_reject`, and who is interested in what is saved there.
pub(super) struct SavedProgress {
    tables: ProgressTables,
    figures: Arc<Figures>,
    on_progress: OnProgress,
}

impl SavedProgress {
    pub(super) fn new(tables: ProgressTables, figures: &Arc<Figures>, on_progress: OnProgress) -> Self {
        Self { tables, figures: Arc::clone(figures), on_progress }
    }
}

impl ProgressStore for SavedProgress {
    type Position = Position;
    type Record = Reject;
    type Error = IdsError;

    fn save(&mut self, settled: &Settled<Position, Reject>) -> Result<(), IdsError> {
        let Some(position) = settled.position else { return self.tables.record_rejects(&settled.records) };
        let progress = Progress {
            unid: position.unid,
            message_datetime: position.message_datetime,
            processed_at: Some(Utc::now()),
        };
        self.tables.save(&progress, &settled.records)?;
        self.figures.saved(position.unid);
        (self.on_progress)(&self.figures.progress());
        Ok(())
    }

    fn recover(&mut self) -> Result<(), IdsError> {
        self.tables.reconnect()
    }
}
