//! Rows follow stays with the fewest changes.

use emap_core::movement::{Changes, Stay, reconcile};
use proptest::prelude::*;

use crate::notation::{Where, after, read, show, time};

#[track_caller]
fn changes(rows: &'static str, stays: &'static str) -> Changes<Where> {
    let (rows, stays) = (read(rows), read(stays));
    let changes = reconcile(&rows, &stays);
    assert_eq!(show(&apply(&rows, &changes)), show(&stays));
    changes
}

/// The rows after the changes, in order of time.
fn apply(rows: &[Stay<Where>], changes: &Changes<Where>) -> Vec<Stay<Where>> {
    let mut after = rows.to_vec();
    for (row, stay) in &changes.update {
        after[*row] = *stay;
    }
    let kept =
        after.iter().enumerate().filter(|(row, _)| !changes.delete.contains(row)).map(|(_, stay)| stay);
    let mut after: Vec<_> = kept.chain(&changes.insert).copied().collect();
    sort(&mut after);
    after
}

fn sort(stays: &mut [Stay<Where>]) {
    stays.sort_by_key(|s| {
        (s.admission, s.discharge.is_none(), s.discharge, s.place, s.inferred_admission, s.inferred_discharge)
    });
}

#[test]
fn rows_that_show_their_stays_are_left_alone() {
    let visit = "ed 8:00-9:30, ward 9:30-open";
    assert!(changes(visit, visit).is_empty());
    assert!(changes("none", "none").is_empty());
}

#[test]
fn a_row_keeps_its_admission_when_it_can() {
    // The later row belongs to the later stay, though the earlier stay comes first.
    let changes = changes("ward 11:00-open", "ward 9:00-10:00, ed 10:00-11:00, ward 11:00-12:00");
    assert_eq!(changes.update, [(0, read("ward 11:00-12:00")[0])]);
    assert_eq!(changes.insert, read("ward 9:00-10:00, ed 10:00-11:00"));
    assert!(changes.delete.is_empty());
}

#[test]
fn else_rows_go_to_stays_at_their_place_in_order_of_time() {
    let changes = changes("ward *10:59:59-11:00, ward *8:59:59-9:00*", "ward 8:00-9:00, ward 10:00-11:00");
    assert_eq!(changes.update, [(1, read("ward 8:00-9:00")[0]), (0, read("ward 10:00-11:00")[0])]);
}

#[test]
fn rows_without_a_stay_go() {
    let changes = changes("ed 8:00-9:30, ward 9:30-open", "ed 8:00-open");
    assert_eq!(changes.update, [(0, read("ed 8:00-open")[0])]);
    assert_eq!(changes.delete, [1]);
}

#[test]
fn a_changed_flag_is_a_change() {
    assert_eq!(changes("ed 8:00-9:30", "ed 8:00-9:30*").update.len(), 1);
    assert_eq!(changes("ed *8:00-9:30", "ed 8:00-9:30").update.len(), 1);
}

#[test]
fn of_stays_that_begin_together_the_equal_one_keeps_the_row() {
    let changes = changes("bay 9:00-open", "bay 9:00-9:00, bay 9:00-open");
    assert!(changes.update.is_empty());
    assert_eq!(changes.insert, read("bay 9:00-9:00"));
}

fn any_stay() -> impl Strategy<Value = Stay<Where>> {
    let place = prop::sample::select(vec!["a", "b", "c"]);
    (place, 0..4_i64, prop::option::of(0..3_i64), any::<bool>(), any::<bool>()).prop_map(
        |(place, begin, length, inferred_admission, inferred_discharge)| {
            let admission = after(time("9:00"), begin);
            let discharge = length.map(|length| after(admission, length));
            Stay { place, admission, discharge, inferred_admission, inferred_discharge }
        },
    )
}

/// How many items of one list find a partner of their own in the other.
fn pairs(
    rows: &[Stay<Where>],
    stays: &[Stay<Where>],
    alike: fn(&Stay<Where>, &Stay<Where>) -> bool,
) -> usize {
    let mut left = stays.to_vec();
    rows.iter()
        .filter(|row| left.iter().position(|stay| alike(row, stay)).map(|i| left.remove(i)).is_some())
        .count()
}

proptest! {
    #[test]
    fn changes_lead_to_the_stays_and_are_fewest(
        rows in prop::collection::vec(any_stay(), 0..8),
        stays in prop::collection::vec(any_stay(), 0..8),
    ) {
        let mut stays = stays;
        sort(&mut stays);
        let changes = reconcile(&rows, &stays);
        prop_assert_eq!(apply(&rows, &changes), stays.clone());

        let at_one_place = pairs(&rows, &stays, |row, stay| row.place == stay.place);
        let unchanged = pairs(&rows, &stays, |row, stay| row == stay);
        prop_assert_eq!(changes.update.len(), at_one_place - unchanged);
        prop_assert_eq!(changes.insert.len(), stays.len() - at_one_place);
        prop_assert_eq!(changes.delete.len(), rows.len() - at_one_place);
        for (row, stay) in &changes.update {
            prop_assert_ne!(&rows[*row], stay);
            prop_assert_eq!(rows[*row].place, stay.place);
        }
    }
}
