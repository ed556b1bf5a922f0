//! Which rows are dealt with: batches are confirmed in any order, progress moves in the order of the store.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use emap_ids::Reject;
use tokio::sync::Notify;

/// Rows that may be under way (read but not saved as progress); a bound for memory and for what is repeated after a
/// crash while the progress tables are away.
const MOST_ROWS_UNDER_WAY: usize = 50_000;

/// The last row of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) unid: i64,
    pub(crate) message_datetime: Option<DateTime<Utc>>,
}

/// What is ready to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) position: Position,
    pub(crate) rejects: Vec<Reject>,
    rows: usize,
}

#[derive(Debug)]
struct Entry {
    settled: Settled,
    confirmed: bool,
}

#[derive(Debug, Default)]
struct State {
    /// Number of the first entry in `entries`.
    first: u64,
    entries: VecDeque<Entry>,
    ready: Option<Settled>,
    rows_under_way: usize,
}

/// Cheap to lock: one lock for each batch added, confirmed or saved.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    state: Mutex<State>,
    saved: Notify,
}

impl Tracker {
    /// Adds the next rows of the store and returns the number to confirm them by.
    pub(crate) fn add(&self, position: Position, rows: usize, rejects: Vec<Reject>) -> u64 {
        let mut state = self.lock();
        state.rows_under_way += rows;
        state.entries.push_back(Entry { settled: Settled { position, rejects, rows }, confirmed: false });
        state.first + state.entries.len() as u64 - 1
    }

    /// All messages of these rows are with the broker (or there were none).
    pub(crate) fn confirm(&self, number: u64) {
        let mut state = self.lock();
        let entry = number.checked_sub(state.first).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = entry.and_then(|index| state.entries.get_mut(index)) {
            entry.confirmed = true;
        }
        while state.entries.front().is_some_and(|entry| entry.confirmed) {
            let Some(entry) = state.entries.pop_front() else { break };
            state.first += 1;
            let ready = state.ready.take();
            state.ready = Some(merged(ready, entry.settled));
        }
    }

    /// What can be saved and has not been handed out yet.
    pub(crate) fn take_settled(&self) -> Option<Settled> {
        self.lock().ready.take()
    }

    /// These rows are on record now.
    pub(crate) fn saved(&self, settled: &Settled) {
        let mut state = self.lock();
        state.rows_under_way = state.rows_under_way.saturating_sub(settled.rows);
        drop(state);
        self.saved.notify_one();
    }

    /// Waits while too many rows are under way. For one waiting task only.
    pub(crate) async fn room(&self) {
        while self.lock().rows_under_way >= MOST_ROWS_UNDER_WAY {
            self.saved.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both together: the position of the later, the rejects of both.
pub(crate) fn merged(earlier: Option<Settled>, later: Settled) -> Settled {
    let Some(mut earlier) = earlier else { return later };
    earlier.rejects.extend(later.rejects);
    Settled { position: later.position, rejects: earlier.rejects, rows: earlier.rows + later.rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn position(unid: i64) -> Position {
        Position { unid, message_datetime: None }
    }

    #[test]
    fn progress_stays_before_an_unconfirmed_batch() {
        let tracker = Tracker::default();
        let numbers: Vec<u64> =
            (1..=3).map(|unid| tracker.add(position(unid * 10), 10, Vec::new())).collect();
        tracker.confirm(numbers[1]);
        tracker.confirm(numbers[2]);
        assert_eq!(tracker.take_settled(), None);
        tracker.confirm(numbers[0]);
        assert_eq!(tracker.take_settled().unwrap().position, position(30));
        assert_eq!(tracker.take_settled(), None);
        tracker.confirm(numbers[0]);
        assert_eq!(tracker.take_settled(), None);
    }

    #[tokio::test]
    async fn the_bound_opens_when_rows_are_saved() {
        let tracker = std::sync::Arc::new(Tracker::default());
        let number = tracker.add(position(1), MOST_ROWS_UNDER_WAY, Vec::new());
        let waiting = tokio::spawn({
            let tracker = std::sync::Arc::clone(&tracker);
            async move { tracker.room().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        tracker.confirm(number);
        let settled = tracker.take_settled().unwrap();
        tracker.saved(&settled);
        waiting.await.unwrap();
    }

    proptest! {
        #[test]
        fn progress_is_always_the_confirmed_prefix(order in Just((0u64..12).collect::<Vec<_>>()).prop_shuffle()) {
            let tracker = Tracker::default();
            for unid in 0..12 {
                prop_assert_eq!(tracker.add(position(unid), 1, Vec::new()), u64::try_from(unid).unwrap());
            }
            let (mut confirmed, mut progress) = ([false; 12], -1);
            for number in order {
                tracker.confirm(number);
                confirmed[usize::try_from(number).unwrap()] = true;
                if let Some(settled) = tracker.take_settled() {
                    progress = settled.position.unid;
                }
                let prefix = confirmed.iter().take_while(|confirmed| **confirmed).count();
                prop_assert_eq!(progress, i64::try_from(prefix).unwrap() - 1);
            }
        }
    }
}
