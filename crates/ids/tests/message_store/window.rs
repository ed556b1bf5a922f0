//! Where a window of time begins and ends.

use emap_ids::{IdsStore, NewRow};

use crate::common::{at, fresh_store, stored};

const NOON: &str = "2026-03-01T12:00:00Z";

fn store_with(rows: &[(i64, &str)]) -> IdsStore {
    let (_, mut store) = fresh_store();
    let rows: Vec<NewRow> = rows.iter().map(|(unid, time)| stored(*unid, time)).collect();
    store.append_batch(&rows).unwrap();
    store
}

#[test]
fn the_first_row_at_or_after_a_moment() {
    let mut store = store_with(&[
        (1, "2026-03-01T11:59:59Z"),
        (2, NOON),
        (3, "2026-03-01T12:00:01Z"),
        (4, "2026-03-02T00:00:00Z"),
    ]);
    assert_eq!(store.first_unid_from(at("2020-01-01T00:00:00Z")).unwrap(), Some(1));
    assert_eq!(store.first_unid_from(at(NOON)).unwrap(), Some(2));
    assert_eq!(store.first_unid_from(at("2026-03-01T12:00:00.000001Z")).unwrap(), Some(3));
    assert_eq!(store.first_unid_from(at("2026-03-02T00:00:00.000001Z")).unwrap(), None);
}

#[test]
fn of_rows_stored_at_the_same_moment_the_lowest_number() {
    let mut store = store_with(&[(9, NOON), (5, NOON), (7, NOON), (2, "2026-03-01T11:00:00Z")]);
    assert_eq!(store.first_unid_from(at("2026-03-01T11:30:00Z")).unwrap(), Some(5));
}

#[test]
fn with_times_out_of_order_a_window_leaves_nothing_out() {
    let mut store = store_with(&[
        (1, "2026-03-01T11:00:00Z"),
        (2, "2026-03-01T15:00:00Z"),
        (3, "2026-03-01T11:30:00Z"),
        (4, "2026-03-01T13:00:00Z"),
        (5, "2026-03-01T14:00:00Z"),
    ]);
    assert_eq!(store.first_unid_from(at(NOON)).unwrap(), Some(2));
    assert_eq!(store.end_unid_from(at(NOON)).unwrap(), Some(4));
    assert_eq!(store.end_unid_from(at("2026-03-01T13:30:00Z")).unwrap(), Some(5));
}

/// Far more rows were stored meanwhile than are looked at in one step.
#[test]
fn the_slow_ones_are_found_however_many_they_are() {
    let (_, mut store) = fresh_store();
    let early = std::iter::once(stored(1, "2026-03-01T11:00:00Z"));
    let slow = (2..=25_000).map(|unid| stored(unid, "2026-03-01T13:00:00Z"));
    let quick = std::iter::once(stored(25_001, NOON));
    store.append_batch(&early.chain(slow).chain(quick).collect::<Vec<NewRow>>()).unwrap();
    assert_eq!(store.first_unid_from(at(NOON)).unwrap(), Some(2));
}

#[test]
fn rows_without_a_time_are_in_no_bound() {
    let (_, mut store) = fresh_store();
    store.append(&NewRow::default()).unwrap();
    assert_eq!(store.first_unid_from(at(NOON)).unwrap(), None);
}
