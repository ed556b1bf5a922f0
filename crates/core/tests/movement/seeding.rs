//! Facts for rows that are older than facts.

use emap_core::movement::{Fact, seed, stays};

use crate::notation::{Where, facts, in_every_order, read, show};

fn seeds(rows: &'static str) -> Vec<Fact<Where>> {
    seed(&read(rows))
}

#[track_caller]
fn comes_back(rows: &'static str) {
    in_every_order(&read(rows), |shuffled| assert_eq!(show(&stays(&seed(shuffled))), rows));
}

#[test]
fn known_beginnings_are_moves_and_the_last_known_end_a_discharge() {
    assert_eq!(
        seeds("ed 8:00-9:30, ward 9:30-12:00"),
        facts("move ed 8:00; move ward 9:30 from ed; discharge ward 12:00"),
    );
}

#[test]
fn an_inferred_end_names_no_previous_place() {
    assert_eq!(seeds("ed 8:00-9:30*, ward 9:30-open"), facts("move ed 8:00; move ward 9:30"));
}

#[test]
fn an_inferred_stay_is_only_the_previous_place_of_the_next() {
    assert_eq!(seeds("scan *9:29:59-9:30, ward 9:30-open"), facts("move ward 9:30 from scan"));
    assert_eq!(
        seeds("scan *11:59:58-11:59:59*, ward *11:59:59-12:00"),
        facts("discharge ward 12:00 from scan"),
    );
}

#[test]
fn an_end_before_a_gap_is_a_discharge() {
    let seeded = seeds("ed 8:00-9:30, ed 10:00-open");
    assert_eq!(seeded, facts("move ed 8:00; discharge ed 9:30; move ed 10:00"));
}

#[test]
fn rows_that_say_the_same_give_one_fact() {
    assert_eq!(seeds("ed 8:00-open, ed 8:00-open"), facts("move ed 8:00"));
}

#[test]
fn an_end_before_a_guess_is_a_discharge() {
    comes_back("ed 8:00-12:00, ward *12:00-12:00:01, icu 12:00:01-open");
}

#[test]
fn what_was_derived_comes_back() {
    comes_back("ed 8:00-9:30, ward 9:30-12:00");
    comes_back("ed 8:00-9:30*, ward 9:30-open");
    comes_back("ed 8:00-10:59:59*, ward *10:59:59-11:00, icu 11:00-open");
    comes_back("ed 8:00-11:59:58*, ward *11:59:58-11:59:59*, icu *11:59:59-12:00");
    comes_back("ed 8:00-10:00, ed 11:00-open");
}

#[test]
fn overlapping_rows_of_old_become_a_sound_history() {
    let facts = seeds("ed 8:00-12:00, ward 9:00-9:30, ed *8:30-9:10*, scan 10:00-9:00*");
    assert_eq!(
        show(&stays(&facts)),
        "ed 8:00-9:00*, ward 9:00-9:30, scan 10:00-11:59:59*, ed *11:59:59-12:00"
    );
}
