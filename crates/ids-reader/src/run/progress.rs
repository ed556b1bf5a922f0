//! Progress, gaps and rejects in their tables.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use emap_feed::{ProgressStore, Settled};
use emap_ids::{Advance, Place, Progress, ProgressStore as ProgressTables};
use emap_service::CancellationToken;

use super::{
    arrival::Record, figures::Figures, place::Taken, source::Position, summary::RunProgress,
    tables::TablesError,
};

/// Called with the state of things whenever progress has been saved.
pub(super) type OnProgress = Arc<dyn Fn(&RunProgress) + Send + Sync>;

/// The progress tables, and who is interested in what is saved there.
///
/// The lock that keeps other readers away belongs to the same connection. So whatever is saved is saved by the one
/// reader; with a new connection the lock has to be taken again, and another may have been faster.
pub(super) struct SavedProgress {
    tables: ProgressTables,
    /// What was saved last, by this reader or before it.
    saved: Option<Progress>,
    /// What was to be saved last; it may be saved although its answer was lost.
    attempted: Option<Progress>,
    figures: Arc<Figures>,
    on_progress: OnProgress,
    /// What others read about this reader.
    name: String,
    /// Cancelled when another reader has, or had, the tables.
    lost: CancellationToken,
}

impl SavedProgress {
    /// `lost` is cancelled when another reader gets between.
    pub(super) fn new(
        taken: Taken,
        name: String,
        figures: &Arc<Figures>,
        on_progress: OnProgress,
        lost: CancellationToken,
    ) -> Self {
        let Taken { tables, saved, .. } = taken;
        Self { tables, saved, attempted: saved, figures: Arc::clone(figures), on_progress, name, lost }
    }

    /// Whether the tables still say what this reader has saved.
    fn is_as_left(&mut self) -> Result<bool, TablesError> {
        let found = self.tables.load()?.map(|progress| (progress.unid, progress.processed_at));
        let ours = [self.saved, self.attempted];
        Ok(ours.iter().any(|ours| ours.map(|progress| (progress.unid, progress.processed_at)) == found))
    }
}

impl ProgressStore for SavedProgress {
    type Position = Position;
    type Record = Record;
    type Error = TablesError;

    fn save(&mut self, settled: &Settled<Position, Record>) -> Result<(), TablesError> {
        let progress = settled.position.map(|position| Progress {
            unid: position.unid,
            message_datetime: position.message_datetime,
            processed_at: Some(now()),
        });
        let rejects: Vec<_> = settled.records.iter().filter_map(|record| record.reject.clone()).collect();
        let gaps: Vec<_> = settled.records.iter().filter_map(|record| record.gap).collect();
        self.attempted = progress.or(self.saved);
        self.tables.advance(&Advance { progress: progress.as_ref(), rejects: &rejects, gaps: &gaps })?;
        self.saved = self.attempted;
        if let Some(progress) = progress {
            self.figures.saved(progress.unid);
            (self.on_progress)(&self.figures.progress());
        }
        Ok(())
    }

    fn check(&mut self) -> Result<(), TablesError> {
        Ok(self.tables.check()?)
    }

    fn recover(&mut self) -> Result<(), TablesError> {
        self.tables.reconnect()?;
        if let Place::Taken(other) = self.tables.take_place(&self.name)? {
            // It may be our own session, which the server has not given up yet.
            if other.as_ref().is_some_and(|other| other.name != self.name) {
                self.lost.cancel();
            }
            return Err(TablesError::Taken(other));
        }
        if !self.is_as_left()? {
            // Without the lock, which belongs to the connection: it will be taken anew.
            self.tables.reconnect()?;
            self.lost.cancel();
            return Err(TablesError::Moved);
        }
        Ok(())
    }
}

/// As the database keeps it, so that it can be compared.
fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}
