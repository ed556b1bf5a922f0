//! Rows of which there should be one at most.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use emap_star::Row;

/// The only one of these rows, or none. Of several the one stored last counts, and the log says so once.
pub(super) fn at_most_one<'r, R: Row>(rows: impl Iterator<Item = &'r R>) -> Option<&'r R> {
    latest(rows, R::id)
}

/// The same; of several the one of the latest time counts, and of several of one time the one stored last.
pub(super) fn latest<'r, R: Row, K: Ord>(
    rows: impl Iterator<Item = &'r R>,
    time: impl Fn(&R) -> K,
) -> Option<&'r R> {
    let rows: Vec<&R> = rows.collect();
    let latest = rows.iter().copied().max_by_key(|row| (time(row), row.id()))?;
    if rows.len() > 1 {
        report(latest, rows.len());
    }
    Some(latest)
}

/// Bounds memory and log: with so many such rows, further lines are of no more use.
const REPORTED_AT_MOST: usize = 10_000;

/// Once for each row that counts: messages about it may come every minute.
fn report<R: Row>(latest: &R, count: usize) {
    static REPORTED: Mutex<BTreeSet<i64>> = Mutex::new(BTreeSet::new());
    let id = latest.id().number();
    let mut reported = REPORTED.lock().unwrap_or_else(PoisonError::into_inner);
    if reported.len() < REPORTED_AT_MOST && reported.insert(id) {
        tracing::warn!(
            table = R::TABLE,
            rows = count,
            primary_key = id,
            "several rows where one is expected; the latest counts"
        );
    }
}
