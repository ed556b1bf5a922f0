//! The rows of the window, as a source.

use std::time::Duration;

use chrono::{DateTime, Utc};
use emap_feed::{Block, BlockingSource, Piece, Step};
use emap_ids::{BlockLimit, IdsError, IdsRow, IdsStore, Progress};
use metrics::gauge;

use super::summary::Stopped;
use crate::settings::ReaderSettings;

/// This row and all before it are dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) unid: i64,
    pub(super) message_datetime: Option<DateTime<Utc>>,
}

/// Reads the store from the saved position, or from the start of the window, to the window's end.
pub(super) struct Rows {
    store: IdsStore,
    /// Last row read; `None` while the window's first row is not known.
    last_read: Option<i64>,
    /// When it was stored.
    last_persisted: Option<DateTime<Utc>>,
    /// The first row after the window, as far as there is one.
    end_unid: Option<i64>,
    begun: bool,
    end_reached: bool,
    start: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
    block: BlockLimit,
    poll: Duration,
    stop_when_drained: bool,
}

impl Rows {
    pub(super) fn new(
        store: IdsStore,
        saved: Option<Progress>,
        start: DateTime<Utc>,
        settings: &ReaderSettings,
    ) -> Self {
        Self {
            store,
            // Other software notes -1 before its first message: that is no progress, and no reason to read everything.
            last_read: saved.map(|progress| progress.unid).filter(|unid| *unid >= 0),
            last_persisted: None,
            end_unid: None,
            begun: false,
            end_reached: false,
            start,
            end: settings.end,
            block: settings.block,
            poll: settings.poll,
            stop_when_drained: settings.stop_when_drained,
        }
    }

    /// The row before the first to be read: the saved one, or that before the first of the window as soon as there is
    /// one.
    fn before_first(&mut self) -> Result<Option<i64>, IdsError> {
        if let Some(saved) = self.last_read {
            return Ok(Some(saved));
        }
        Ok(self.store.first_unid_from(self.start)?.map(|first| first - 1))
    }

    /// Finds both ends of the window; false while no row is in it.
    fn begin(&mut self) -> Result<bool, IdsError> {
        let Some(before_first) = self.before_first()? else { return Ok(false) };
        self.end_unid = self.first_after_window()?;
        self.last_read = Some(before_first);
        self.begun = true;
        Ok(true)
    }

    /// `None`: there is none yet, or the window has no end.
    fn first_after_window(&mut self) -> Result<Option<i64>, IdsError> {
        match self.end {
            None => Ok(None),
            Some(end) => self.store.first_unid_from(end),
        }
    }

    /// The next rows of the window. Once rows from beyond its end appear, the end is looked up and kept.
    fn read_block(&mut self) -> Result<Vec<IdsRow>, IdsError> {
        let mut rows = self.store.read_block(self.last_read.unwrap_or(-1), self.block)?;
        let end = self.end;
        let is_beyond = |row: &IdsRow| end.is_some() && row.persist_datetime >= end;
        if self.end_unid.is_none() && rows.iter().any(is_beyond) {
            self.end_unid = self.first_after_window()?;
        }
        if let Some(end_unid) = self.end_unid {
            let read = rows.len();
            rows.retain(|row| row.unid < end_unid);
            // Nothing at all left before the end also ends it: the end row itself may have been deleted since.
            self.end_reached = rows.len() < read || read == 0;
        }
        Ok(rows)
    }

    /// An empty store means the end, or waiting.
    fn nothing_new(&self) -> Step<IdsRow, Position, Stopped> {
        if self.end.is_some_and(|end| end <= Utc::now()) {
            Step::End(Stopped::EndOfWindow)
        } else if self.stop_when_drained {
            Step::End(Stopped::Drained)
        } else {
            Step::Nothing { look_again: self.poll }
        }
    }
}

impl BlockingSource for Rows {
    type Item = IdsRow;
    type Position = Position;
    type End = Stopped;
    type Error = IdsError;

    fn next(&mut self) -> Result<Step<IdsRow, Position, Stopped>, IdsError> {
        if self.end_reached {
            return Ok(Step::End(Stopped::EndOfWindow));
        }
        if !self.begun && !self.begin()? {
            return Ok(self.nothing_new());
        }
        let rows = self.read_block()?;
        if let Some(last) = rows.last() {
            (self.last_read, self.last_persisted) = (Some(last.unid), last.persist_datetime);
            return Ok(Step::Block(with_marks(rows)));
        }
        Ok(if self.end_reached { Step::End(Stopped::EndOfWindow) } else { self.nothing_new() })
    }

    fn recover(&mut self) -> Result<(), IdsError> {
        self.store.reconnect()
    }

    /// Measures how far what is read is behind the store.
    fn observe(&mut self) -> Result<(), IdsError> {
        let highest = self.store.highest_unid()?;
        let behind = highest.zip(self.last_read).map_or(0, |(highest, read)| (highest - read).max(0));
        // Unids stay far below 2^52 where a float is exact.
        #[allow(clippy::cast_precision_loss)]
        gauge!("emap_reader_rows_behind").set(behind as f64);
        let since = self.last_persisted.filter(|_| behind > 0).map_or(0.0, |persisted| {
            let since = Utc::now() - persisted;
            since.as_seconds_f64().max(0.0)
        });
        gauge!("emap_reader_seconds_behind").set(since);
        Ok(())
    }
}

/// Progress can be saved after each row.
fn with_marks(rows: Vec<IdsRow>) -> Block<IdsRow, Position> {
    let mut block = Vec::with_capacity(2 * rows.len());
    for row in rows {
        let position = Position { unid: row.unid, message_datetime: row.message_datetime };
        block.extend([Piece::Item(row), Piece::Mark(position)]);
    }
    block
}
