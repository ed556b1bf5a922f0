//! Counters of one run; the same figures go to `/metrics`.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Instant,
};

use metrics::counter;

use super::summary::{RunProgress, RunSummary, Stopped};

pub(crate) struct Figures {
    started: Instant,
    rows: AtomicU64,
    messages: AtomicU64,
    published: AtomicU64,
    rejected: AtomicU64,
    /// -1: nothing saved yet.
    saved_unid: AtomicI64,
    skipped: Mutex<BTreeMap<&'static str, u64>>,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            rows: AtomicU64::new(0),
            messages: AtomicU64::new(0),
            published: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            saved_unid: AtomicI64::new(-1),
            skipped: Mutex::new(BTreeMap::new()),
        }
    }
}

impl Figures {
    pub(crate) fn row_read(&self) {
        self.rows.fetch_add(1, Ordering::Relaxed);
        counter!("emap_reader_rows_read_total").increment(1);
    }

    pub(crate) fn converted(&self, messages: usize) {
        self.messages.fetch_add(messages as u64, Ordering::Relaxed);
        counter!("emap_reader_messages_converted_total").increment(messages as u64);
    }

    pub(crate) fn published(&self, messages: usize) {
        self.published.fetch_add(messages as u64, Ordering::Relaxed);
        counter!("emap_reader_messages_published_total").increment(messages as u64);
    }

    pub(crate) fn skipped(&self, reason: &'static str) {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
        counter!("emap_reader_rows_skipped_total", "reason" => reason).increment(1);
    }

    pub(crate) fn partially_rejected(reason: &'static str) {
        counter!("emap_reader_rows_partially_rejected_total", "reason" => reason).increment(1);
    }

    pub(crate) fn rejected(&self, reason: &'static str) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
        counter!("emap_reader_rows_rejected_total", "reason" => reason).increment(1);
    }

    pub(crate) fn saved(&self, unid: i64) {
        self.saved_unid.store(unid, Ordering::Relaxed);
    }

    pub(crate) fn progress(&self) -> RunProgress {
        RunProgress {
            last_unid: Some(self.saved_unid.load(Ordering::Relaxed)).filter(|unid| *unid >= 0),
            rows: self.rows.load(Ordering::Relaxed),
            published: self.published.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn summary(&self, stopped: Stopped) -> RunSummary {
        RunSummary {
            stopped,
            last_unid: self.progress().last_unid,
            rows: self.rows.load(Ordering::Relaxed),
            messages: self.messages.load(Ordering::Relaxed),
            published: self.published.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
            skipped: self.skipped.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            elapsed: self.started.elapsed(),
        }
    }
}
