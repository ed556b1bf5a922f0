//! What a run reports about itself.

use std::{collections::BTreeMap, time::Duration};

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The end of the window is reached.
    EndOfWindow,
    /// Nothing more in the store, and that was enough.
    Drained,
    /// It was cancelled.
    Asked,
}

/// State of a run in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunProgress {
    /// Last row saved as dealt with in this run.
    pub last_unid: Option<i64>,
    /// Rows taken from the store in this run.
    pub rows: u64,
    /// Messages confirmed by the broker in this run.
    pub published: u64,
}

/// What a finished run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Why it ended.
    pub stopped: Stopped,
    /// Last row saved as dealt with in this run; `None` when there was none.
    pub last_unid: Option<i64>,
    /// Rows taken from the store.
    pub rows: u64,
    /// Messages made of them.
    pub messages: u64,
    /// Messages confirmed by the broker.
    pub published: u64,
    /// Rows recorded as rejects.
    pub rejected: u64,
    /// Rows left out on purpose, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// How long it took.
    pub elapsed: Duration,
}
