//! Reads the store ahead of the pump, within the window.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use emap_ids::{IdsRow, IdsStore};
use emap_service::CancellationToken;
use metrics::gauge;
use tokio::sync::mpsc;

use super::awaited_store::AwaitedStore;
use super::summary::Stopped;
use crate::ReaderSettings;

pub(crate) struct Source {
    pub(crate) store: AwaitedStore<IdsStore>,
    /// Last row dealt with; `None` while the window's first row is not known.
    pub(crate) position: Option<i64>,
    pub(crate) start: DateTime<Utc>,
    pub(crate) settings: ReaderSettings,
    pub(crate) shutdown: CancellationToken,
}

/// Rows up to the end of the window, and whether that is reached.
struct Part {
    rows: Vec<IdsRow>,
    last: bool,
}

impl Source {
    /// Sends blocks until the window ends, the shutdown comes or nobody takes them.
    pub(crate) async fn run(mut self, blocks: mpsc::Sender<Vec<IdsRow>>) -> Stopped {
        let shutdown = self.shutdown.clone();
        tokio::select! {
            stopped = self.read(&blocks) => stopped.unwrap_or(Stopped::Asked),
            () = shutdown.cancelled() => Stopped::Asked,
        }
    }

    /// `None` when the stop came while the database was away.
    async fn read(&mut self, blocks: &mpsc::Sender<Vec<IdsRow>>) -> Option<Stopped> {
        let Some(mut position) = self.first_position().await? else { return Some(self.why_empty()) };
        let mut end_unid = self.end_unid().await?;
        let mut lag = Lag::default();
        loop {
            let part = self.part(position, &mut end_unid).await?;
            let newest = part.rows.last().map(|row| (row.unid, row.persist_datetime));
            if let Some((unid, persisted)) = newest {
                position = unid;
                blocks.send(part.rows).await.ok()?;
                lag.measure(&mut self.store, unid, persisted).await?;
            }
            if part.last {
                return Some(Stopped::EndOfWindow);
            }
            if newest.is_none() {
                lag.none();
                if self.is_enough() {
                    return Some(self.why_empty());
                }
                tokio::time::sleep(self.settings.poll).await;
            }
        }
    }

    /// The row before the first to be read: saved progress, or the start of the window as soon as a row is in it.
    /// Inner `None`: there is none and no more is awaited.
    async fn first_position(&mut self) -> Option<Option<i64>> {
        if let Some(position) = self.position {
            return Some(Some(position));
        }
        let start = self.start;
        let mut warned = false;
        loop {
            if let Some(first) = self.store.call(move |store| store.first_unid_from(start)).await? {
                return Some(Some(first - 1));
            }
            if self.is_enough() {
                return Some(None);
            }
            if !std::mem::replace(&mut warned, true) {
                tracing::warn!(%start, "no message has been stored since the start of the window; waiting for one");
            }
            tokio::time::sleep(self.settings.poll).await;
        }
    }

    /// The first row after the window; inner `None`: there is none yet, or the window has no end.
    async fn end_unid(&mut self) -> Option<Option<i64>> {
        match self.settings.end {
            None => Some(None),
            Some(end) => self.store.call(move |store| store.first_unid_from(end)).await,
        }
    }

    /// The next rows. Once rows from beyond the end appear, the end is looked up and kept.
    async fn part(&mut self, position: i64, end_unid: &mut Option<i64>) -> Option<Part> {
        let limit = self.settings.block;
        let mut rows = self.store.call(move |store| store.read_block(position, limit)).await?;
        let beyond = |row: &IdsRow| row.persist_datetime >= self.settings.end && self.settings.end.is_some();
        if end_unid.is_none() && rows.iter().any(beyond) {
            *end_unid = self.end_unid().await?;
        }
        let Some(end) = *end_unid else { return Some(Part { rows, last: false }) };
        let read = rows.len();
        rows.retain(|row| row.unid < end);
        // Nothing at all left before the end also ends it: the end row itself may have been deleted since.
        let last = rows.len() < read || read == 0;
        Some(Part { rows, last })
    }

    /// Whether an empty store means the end.
    fn is_enough(&self) -> bool {
        self.settings.stop_when_drained || self.settings.end.is_some_and(|end| end <= Utc::now())
    }

    fn why_empty(&self) -> Stopped {
        if self.settings.end.is_some_and(|end| end <= Utc::now()) {
            Stopped::EndOfWindow
        } else {
            Stopped::Drained
        }
    }
}

/// How far the reader is behind the store, measured at most once a second.
#[derive(Default)]
struct Lag {
    measured: Option<Instant>,
}

impl Lag {
    async fn measure(
        &mut self,
        store: &mut AwaitedStore<IdsStore>,
        unid: i64,
        persisted: Option<DateTime<Utc>>,
    ) -> Option<()> {
        if self.measured.is_some_and(|at| at.elapsed() < Duration::from_secs(1)) {
            return Some(());
        }
        self.measured = Some(Instant::now());
        let highest = store.call(IdsStore::highest_unid).await?.unwrap_or(unid);
        // Unids and seconds stay far below 2^52 where a float is exact.
        #[allow(clippy::cast_precision_loss)]
        gauge!("emap_reader_rows_behind").set((highest - unid).max(0) as f64);
        if let Some(persisted) = persisted {
            let seconds = (Utc::now() - persisted).as_seconds_f64();
            gauge!("emap_reader_seconds_behind").set(seconds.max(0.0));
        }
        Some(())
    }

    fn none(&mut self) {
        self.measured = None;
        gauge!("emap_reader_rows_behind").set(0.0);
        gauge!("emap_reader_seconds_behind").set(0.0);
    }
}
