//! The rows of the window, as a source.

mod gaps;
mod patience;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use emap_feed::{Block, BlockingSource, Piece, Step};
use emap_ids::{BlockLimit, IdsError, IdsRow, IdsStore, OpenGaps};
use metrics::gauge;

use self::{gaps::Gaps, patience::Patience};
use super::{
    arrival::{Arrival, Arrived},
    summary::Stopped,
};
use crate::settings::ReaderSettings;

/// This row and all before it are dealt with, but for the numbers in gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) unid: i64,
    pub(super) message_datetime: Option<DateTime<Utc>>,
}

/// Where reading begins.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The last row dealt with; `None`: the window decides.
    pub(super) after: Option<i64>,
    /// Gaps before it whose rows may still come.
    pub(super) gaps: OpenGaps,
    /// Start of the window.
    pub(super) start: DateTime<Utc>,
}

/// Reads the store from the saved position, or from the start of the window, to the window's end. At a gap in the numbers
/// it waits for a while; what it passes it looks at again.
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
    patience: Patience,
    gaps: Gaps,
    /// The row before which a gap is being waited for.
    held: Option<Held>,
}

/// A row behind a gap.
#[derive(Debug, Clone, Copy)]
struct Held {
    unid: i64,
    /// For how long from then.
    since: Instant,
    rest: Duration,
}

/// Rows of the window, and the first that was read beyond its end.
struct Read {
    rows: Vec<IdsRow>,
    beyond: Option<IdsRow>,
}

impl Rows {
    pub(super) fn new(store: IdsStore, beginning: Beginning, settings: &ReaderSettings) -> Self {
        Self {
            store,
            last_read: beginning.after,
            last_persisted: None,
            end_unid: None,
            begun: false,
            end_reached: false,
            start: beginning.start,
            end: settings.end,
            block: settings.block,
            poll: settings.poll,
            stop_when_drained: settings.stop_when_drained,
            patience: Patience::new(settings.gap_wait),
            gaps: Gaps::new(beginning.gaps),
            held: None,
        }
    }

    /// The row before the first to be read: the saved one, or that before the first of the window as soon as there is
    /// one. What is missing between the two is a gap like any other; of a store without a row before, from number 1.
    fn before_first(&mut self) -> Result<Option<i64>, IdsError> {
        if let Some(saved) = self.last_read {
            return Ok(Some(saved));
        }
        let Some(first) = self.store.first_unid_from(self.start)? else { return Ok(None) };
        let before = self.store.last_unid_before(first)?;
        Ok(Some(before.unwrap_or_else(|| first.saturating_sub(1).min(0))))
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
            Some(end) => self.store.end_unid_from(end),
        }
    }

    /// The next rows of the window. Once rows from beyond its end appear, the end is looked up and kept.
    fn read_block(&mut self) -> Result<Read, IdsError> {
        let mut rows = self.store.read_block(self.last_read.unwrap_or(-1), self.block)?;
        let end = self.end;
        let is_beyond = |row: &IdsRow| end.is_some() && row.persist_datetime >= end;
        if self.end_unid.is_none() && rows.iter().any(is_beyond) {
            self.end_unid = self.first_after_window()?;
        }
        let within =
            self.end_unid.map_or(rows.len(), |end_unid| rows.partition_point(|row| row.unid < end_unid));
        let beyond = rows.drain(within..).next();
        Ok(Read { rows, beyond })
    }

    /// The rows up to the first gap that is still to be waited for.
    fn up_to_a_gap(&mut self, read: Read, now: Instant) -> Block<Arrived, Position> {
        let Read { rows, beyond } = read;
        let (is_empty, is_beyond) = (rows.is_empty(), beyond.is_some());
        let highest = beyond.as_ref().or(rows.last()).map_or(i64::MIN, |row| row.unid);
        let mut block = Vec::with_capacity(2 * rows.len());
        for row in rows {
            if self.is_held(&row, highest, now) {
                return block;
            }
            let how = self.gap_before(row.unid).map_or(Arrival::InTurn, |(first, last)| {
                Arrival::BehindGap(self.gaps.pass(first, last, now))
            });
            (self.last_read, self.last_persisted) = (Some(row.unid), row.persist_datetime);
            let position = Position { unid: row.unid, message_datetime: row.message_datetime };
            // Progress can be saved after each row.
            block.extend([Piece::Item(Arrived { row, how }), Piece::Mark(position)]);
        }
        // What is missing before the first row beyond the end belongs to the window. It need not be remembered: after a
        // restart reading goes on there.
        if beyond.is_some_and(|row| self.is_held(&row, highest, now)) {
            return block;
        }
        // Nothing at all left before the end also ends it: the end row itself may have been deleted since.
        self.end_reached = is_beyond || (is_empty && self.end_unid.is_some());
        block
    }

    /// Whether the gap before this row, if there is one, is still to be waited for.
    fn is_held(&mut self, row: &IdsRow, highest: i64, now: Instant) -> bool {
        if self.gap_before(row.unid).is_none() {
            return false;
        }
        let rest = self.patience.rest(row.unid, row.persist_datetime, highest, now);
        self.held = rest.map(|rest| Held { unid: row.unid, since: now, rest });
        rest.is_some()
    }

    /// First and last of the numbers that are missing before this row.
    fn gap_before(&self, unid: i64) -> Option<(i64, i64)> {
        let first = self.last_read?.checked_add(1)?;
        (first < unid).then(|| (first, unid - 1))
    }

    /// How long to go on waiting for a gap; `None`: there is something to read.
    fn wait_for_gap(&mut self, now: Instant) -> Result<Option<Duration>, IdsError> {
        let (Some(held), Some(last_read)) = (self.held, self.last_read) else { return Ok(None) };
        let rest = held.rest.saturating_sub(now.duration_since(held.since));
        // A row in the gap would be read in its turn.
        if rest.is_zero() || self.store.next_unid(last_read)? != Some(held.unid) {
            self.held = None;
            return Ok(None);
        }
        Ok(Some(rest))
    }

    /// An empty store means the end, or waiting.
    fn nothing_new(&self) -> Step<Arrived, Position, Stopped> {
        if self.end.is_some_and(|end| end <= Utc::now()) {
            Step::End(Stopped::EndOfWindow)
        } else if self.stop_when_drained {
            Step::End(Stopped::Drained)
        } else {
            Step::Nothing { look_again: self.poll }
        }
    }

    fn next_in_turn(&mut self, now: Instant) -> Result<Step<Arrived, Position, Stopped>, IdsError> {
        if self.end_reached {
            return Ok(Step::End(Stopped::EndOfWindow));
        }
        if !self.begun && !self.begin()? {
            return Ok(self.nothing_new());
        }
        if let Some(rest) = self.wait_for_gap(now)? {
            return Ok(Step::Nothing { look_again: self.poll.min(rest) });
        }
        let read = self.read_block()?;
        let block = self.up_to_a_gap(read, now);
        Ok(match self.held {
            _ if !block.is_empty() => Step::Block(block),
            _ if self.end_reached => Step::End(Stopped::EndOfWindow),
            Some(held) => Step::Nothing { look_again: self.poll.min(held.rest) },
            None => self.nothing_new(),
        })
    }

    /// Rows that have come into gaps since.
    fn late_rows(&mut self, now: Instant) -> Result<Option<Block<Arrived, Position>>, IdsError> {
        let rows = self.gaps.look(&mut self.store, self.block, now)?;
        // No position: how far reading has got does not change.
        let late = |row| Piece::Item(Arrived { row, how: Arrival::Late });
        Ok((!rows.is_empty()).then(|| rows.into_iter().map(late).collect()))
    }
}

impl BlockingSource for Rows {
    type Item = Arrived;
    type Position = Position;
    type End = Stopped;
    type Error = IdsError;

    fn next(&mut self) -> Result<Step<Arrived, Position, Stopped>, IdsError> {
        let now = Instant::now();
        if !self.patience.is_started() {
            let highest = self.store.highest_unid()?;
            self.patience.start(highest, now);
        }
        if self.gaps.until_look(now).is_some_and(|rest| rest.is_zero())
            && let Some(late) = self.late_rows(now)?
        {
            return Ok(Step::Block(late));
        }
        match self.next_in_turn(now)? {
            Step::Nothing { look_again } => {
                let until_look = self.gaps.until_look(now).unwrap_or(look_again);
                Ok(Step::Nothing { look_again: look_again.min(until_look) })
            }
            // A last look, so that a reader that ends by itself leaves as little as possible.
            Step::End(end) => Ok(self.late_rows(now)?.map_or(Step::End(end), Step::Block)),
            block @ Step::Block(_) => Ok(block),
        }
    }

    fn recover(&mut self) -> Result<(), IdsError> {
        self.store.reconnect()
    }

    /// Measures how far what is read is behind the store.
    fn observe(&mut self) -> Result<(), IdsError> {
        let highest = self.store.highest_unid()?;
        self.patience.saw(highest, Instant::now());
        self.gaps.report();
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
