//! Gaps: remembered, found again when rows come, and cheap however large.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use emap_ids::{Advance, BlockLimit, Gap, GapChange, IdsStore, OpenGaps, Progress, ProgressStore};
use emap_local_services::postgres;

use crate::common::{fresh_database, fresh_store, stored};

const DAY: &str = "2026-03-01T08:00:00Z";

/// To the microsecond, as the database keeps it.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).unwrap()
}

fn passed(ranges: &[(i64, i64)], at: DateTime<Utc>) -> Vec<GapChange> {
    ranges
        .iter()
        .map(|(first, last)| GapChange::Passed(Gap { first: *first, last: *last, passed_at: at }))
        .collect()
}

fn position(unid: i64) -> Progress {
    Progress { unid, message_datetime: None, processed_at: None }
}

fn save(store: &mut ProgressStore, unid: i64, gaps: &[GapChange]) {
    store.advance(&Advance { progress: Some(&position(unid)), rejects: &[], gaps }).unwrap();
}

fn ranges(open: &OpenGaps) -> Vec<(i64, i64)> {
    open.iter().map(|gap| (gap.first, gap.last)).collect()
}

fn unids(store: &mut IdsStore, open: &OpenGaps, limit: BlockLimit) -> Vec<i64> {
    store.read_in_gaps(open, limit).unwrap().iter().map(|row| row.unid).collect()
}

#[test]
fn what_is_passed_is_there_after_a_restart_and_what_is_filled_is_not() {
    let (_, url) = fresh_database();
    let mut store = ProgressStore::connect(&url, "star").unwrap();
    let at = now();
    save(&mut store, 5_000_000, &passed(&[(3, 3), (7, 9), (12, 4_999_999)], at));
    let filled = [3, 8, 12, 4_999_999, 77].map(GapChange::Filled);
    // The answer of a commit may be lost: then the same is saved again.
    for _ in 0..2 {
        save(&mut store, 5_000_000, &filled);
    }
    let open = ProgressStore::connect(&url, "star").unwrap().load_gaps(Some(5_000_000)).unwrap();
    assert_eq!(ranges(&open), [(7, 7), (9, 9), (13, 76), (78, 4_999_998)]);
    assert!(open.iter().all(|gap| gap.passed_at == at));
}

#[test]
fn passed_and_filled_in_one_go() {
    let (_, url) = fresh_database();
    let mut store = ProgressStore::connect(&url, "star").unwrap();
    let mut changes = passed(&[(2, 4)], now());
    changes.push(GapChange::Filled(2));
    save(&mut store, 9, &changes);
    assert_eq!(ranges(&store.load_gaps(Some(9)).unwrap()), [(3, 4)]);
}

#[test]
fn at_a_start_gaps_above_the_position_and_old_ones_are_removed() {
    let (_, url) = fresh_database();
    let mut store = ProgressStore::connect(&url, "star").unwrap();
    let (at, yesterday) = (now(), now() - TimeDelta::hours(25));
    save(&mut store, 100, &passed(&[(10, 12), (20, 29), (90, 95)], at));
    postgres_gap(&url, (5, 6), yesterday);
    assert_eq!(ranges(&store.load_gaps(Some(100)).unwrap()), [(10, 12), (20, 29), (90, 95)]);
    // Progress was set back by hand: what is above is read anyway.
    assert_eq!(ranges(&store.load_gaps(Some(25)).unwrap()), [(10, 12), (20, 25)]);
    assert_eq!(ranges(&store.load_gaps(Some(1000)).unwrap()), [(10, 12), (20, 25)]);
    assert!(store.load_gaps(None).unwrap().is_empty());
    assert!(store.load_gaps(Some(1000)).unwrap().is_empty());
}

fn postgres_gap(url: &str, (first, last): (i64, i64), at: DateTime<Utc>) {
    let database = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    let insert = format!("INSERT INTO star.etl_ids_gap VALUES ({first}, {last}, '{}')", at.to_rfc3339());
    postgres::shared().query(database, &insert).unwrap();
}

#[test]
fn the_table_holds_no_more_gaps_than_a_reader_remembers() {
    let (_, url) = fresh_database();
    let mut store = ProgressStore::connect(&url, "star").unwrap();
    let most = i64::try_from(OpenGaps::MOST).unwrap();
    let all: Vec<(i64, i64)> = (0..most + 500).map(|number| (2 * number, 2 * number)).collect();
    for part in all.chunks(3000) {
        save(&mut store, 1_000_000, &passed(part, now()));
    }
    let open = store.load_gaps(Some(1_000_000)).unwrap();
    assert_eq!((open.len(), ranges(&open)[0]), (OpenGaps::MOST, (1000, 1000)));
}

#[test]
fn rows_in_gaps_are_found_in_order_within_the_limits() {
    let (_, mut store) = fresh_store();
    let rows: Vec<_> = [1, 4, 5, 6, 9, 2_000_000_000].map(|unid| stored(unid, DAY)).into();
    store.append_batch(&rows).unwrap();
    let open: OpenGaps = [(2, 5), (8, 12), (1_000_000_000, 2_100_000_000)]
        .map(|(first, last)| Gap { first, last, passed_at: now() })
        .into_iter()
        .collect();
    assert_eq!(unids(&mut store, &open, BlockLimit::default()), [4, 5, 9, 2_000_000_000]);
    assert_eq!(unids(&mut store, &open, BlockLimit { rows: 3, ..BlockLimit::default() }), [4, 5, 9]);
    assert_eq!(unids(&mut store, &open, BlockLimit { bytes: 1, ..BlockLimit::default() }), [4]);
    assert!(store.read_in_gaps(&OpenGaps::default(), BlockLimit::default()).unwrap().is_empty());
}

#[test]
fn ten_thousand_gaps_of_a_hundred_thousand_numbers_each_are_looked_at_in_no_time() {
    // In the gap that begins at 1,234,400,002.
    const ROW: i64 = 1_234_450_000;
    let (_, mut store) = fresh_store();
    store.append_batch(&[stored(1, DAY), stored(ROW, DAY)]).unwrap();
    let open: OpenGaps = (0..10_000)
        .map(|number| Gap { first: number * 200_000 + 2, last: number * 200_000 + 100_000, passed_at: now() })
        .collect();
    let begin = Instant::now();
    assert_eq!(unids(&mut store, &open, BlockLimit::default()), [ROW]);
    // Milliseconds; a walk over all the numbers would take minutes.
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
}
