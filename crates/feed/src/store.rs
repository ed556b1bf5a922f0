//! Where progress is kept.

use std::fmt::Display;

/// A place that keeps positions and records beyond the life of the process. Calls may block: each runs on a thread for
/// blocking work.
pub trait ProgressStore: Send + 'static {
    /// Where a stream has got to. With several streams it says which one it belongs to.
    type Position: Send + Sync + 'static;
    /// What is kept of single items, such as rejects.
    type Record: Send + Sync + 'static;
    /// Why nothing can be saved just now. Its text goes to logs and to the health report: no patient data.
    type Error: Display + Send + 'static;

    /// Saves the records and the position, all or nothing. After a failure it is called again with the same, until it
    /// succeeds: saving the same twice must do no harm.
    fn save(&mut self, settled: &Settled<Self::Position, Self::Record>) -> Result<(), Self::Error>;

    /// Called at the start, and every few seconds while there is nothing to save: whether something could be saved. It may
    /// fail as `save` does, and is then called again after `recover`.
    ///
    /// # Errors
    /// Nothing can be saved just now.
    fn check(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Called after a failure and a pause, before the next `save` or `check`: the place to renew a connection.
    fn recover(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// What one stream has dealt with since the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled<P, R> {
    /// Everything up to here is confirmed or on record; `None` if there are only records to be saved.
    pub position: Option<P>,
    /// The records of the items that led there, in the order of the source.
    pub records: Vec<R>,
}

impl<P, R> Settled<P, R> {
    /// Both together: the position of the later, the records of both.
    pub(crate) fn then(mut self, later: Self) -> Self {
        self.records.extend(later.records);
        Self { position: later.position.or(self.position), records: self.records }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.position.is_none() && self.records.is_empty()
    }
}
