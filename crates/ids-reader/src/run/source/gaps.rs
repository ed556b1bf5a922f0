//! The gaps that were passed, and when to look at them again.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use emap_ids::{BlockLimit, Gap, IdsError, IdsRow, IdsStore, OpenGaps};
use emap_service::Backoff;
use metrics::{counter, gauge};

/// First and longest pause between two looks, in seconds. Most rows that are late at all are late by seconds.
const PAUSES: (u64, u64) = (1, 25);

/// Looks at gaps again, soon after one was passed and then more and more seldom.
pub(super) struct Gaps {
    open: OpenGaps,
    pauses: Backoff,
    next_look: Instant,
    /// Whether it was logged that gaps are forgotten.
    warned: bool,
}

impl Gaps {
    /// The first look is due at once.
    pub(super) fn new(open: OpenGaps) -> Self {
        let pauses = Backoff::seconds(PAUSES.0, PAUSES.1);
        Self { open, pauses, next_look: Instant::now(), warned: false }
    }

    /// Goes on without these numbers.
    pub(super) fn pass(&mut self, first: i64, last: i64, now: Instant) -> Gap {
        let gap = Gap { first, last, passed_at: to_microseconds(Utc::now()) };
        tracing::debug!(first, last, "passed numbers that are not in the message store");
        let forgotten = self.open.pass(gap);
        if forgotten > 0 {
            counter!("emap_reader_gaps_forgotten_total").increment(forgotten as u64);
            if !std::mem::replace(&mut self.warned, true) {
                let most = OpenGaps::MOST;
                tracing::warn!(most, "too many gaps in the message store, the oldest are looked at no more");
            }
        }
        self.pauses.reset();
        self.next_look = self.next_look.min(now + self.pauses.pause());
        gap
    }

    /// How long until the next look; none if there is nothing to look at.
    pub(super) fn until_look(&self, now: Instant) -> Option<Duration> {
        (!self.open.is_empty()).then(|| self.next_look.saturating_duration_since(now))
    }

    /// The rows that have come since, as far as the limit allows. They count as dealt with here: what is lost on the way
    /// is found again after a restart.
    pub(super) fn look(
        &mut self,
        store: &mut IdsStore,
        limit: BlockLimit,
        now: Instant,
    ) -> Result<Vec<IdsRow>, IdsError> {
        self.open.forget_old(Utc::now());
        let rows = store.read_in_gaps(&self.open, limit)?;
        for row in &rows {
            tracing::info!(unid = row.unid, "a row was committed late");
            self.open.fill(row.unid);
        }
        counter!("emap_reader_rows_late_total").increment(rows.len() as u64);
        // Where some came there may be more.
        self.next_look = if rows.is_empty() { now + self.pauses.pause() } else { now };
        self.report();
        Ok(rows)
    }

    /// Shows how many there are.
    pub(super) fn report(&self) {
        // At most ten thousand.
        #[allow(clippy::cast_precision_loss)]
        gauge!("emap_reader_gaps_open").set(self.open.len() as f64);
    }
}

/// As the database keeps it.
fn to_microseconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}
