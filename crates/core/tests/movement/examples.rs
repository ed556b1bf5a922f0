//! Small situations, each in every order of its facts and with each of them repeated.

use emap_core::movement::{is_cancelled, stays};

use crate::notation::{facts, in_every_order, show};

#[track_caller]
fn gives(text: &'static str, expected: &str) {
    in_every_order(&facts(text), |facts| {
        assert_eq!(show(&stays(facts)), expected, "{facts:#?}");
        let repeated: Vec<_> = facts.iter().chain(facts.iter().rev()).copied().collect();
        assert_eq!(show(&stays(&repeated)), expected, "with repeats");
    });
}

#[test]
fn nothing_known() {
    assert_eq!(stays::<&str>(&[]), []);
}

#[test]
fn a_plain_visit() {
    gives("move ed 8:00; move ward 9:30 from ed; discharge ward 12:00", "ed 8:00-9:30, ward 9:30-12:00");
}

#[test]
fn only_one_move_known() {
    gives("move ward 9:30 from ed", "ed *9:29:59-9:30, ward 9:30-open");
}

#[test]
fn only_the_discharge_known() {
    gives("discharge ward 12:00", "ward *11:59:59-12:00");
    gives("discharge ward 12:00 from ed", "ed *11:59:58-11:59:59*, ward *11:59:59-12:00");
    gives("discharge ward 12:00 from ward", "ward *11:59:59-12:00");
}

#[test]
fn a_missed_move_is_inferred_until_it_arrives() {
    gives(
        "move ed 8:00; move icu 11:00 from ward",
        "ed 8:00-10:59:59*, ward *10:59:59-11:00, icu 11:00-open",
    );
    gives(
        "move ed 8:00; move icu 11:00 from ward; move ward 9:30 from ed",
        "ed 8:00-9:30, ward 9:30-11:00, icu 11:00-open",
    );
}

#[test]
fn without_previous_places_ends_are_inferred() {
    gives("move ed 8:00; move icu 11:00; move ward 9:30", "ed 8:00-9:30*, ward 9:30-11:00*, icu 11:00-open");
}

#[test]
fn the_same_place_again_is_the_same_stay() {
    gives(
        "move ed 8:00; move ward 9:30 from ed; move ward 10:15; discharge ward 12:00",
        "ed 8:00-9:30, ward 9:30-12:00",
    );
    gives("move ed 8:00; move ed 8:12; move ward 9:30 from ed", "ed 8:00-9:30, ward 9:30-open");
}

#[test]
fn there_and_back() {
    gives(
        "move ed 8:00; move scan 9:00 from ed; move ed 10:00 from scan; discharge ed 11:00",
        "ed 8:00-9:00, scan 9:00-10:00, ed 10:00-11:00",
    );
    gives("move ed 8:00; move ed 10:00 from scan", "ed 8:00-9:59:59*, scan *9:59:59-10:00, ed 10:00-open");
}

#[test]
fn discharged_from_an_unknown_place() {
    gives("move ed 8:00; discharge icu 12:00", "ed 8:00-11:59:59*, icu *11:59:59-12:00");
    gives("move ed 8:00; discharge icu 12:00 from ed", "ed 8:00-11:59:59*, icu *11:59:59-12:00");
    gives("move ed 8:00; discharge icu 12:00 from icu", "ed 8:00-11:59:59*, icu *11:59:59-12:00");
    gives(
        "move ed 8:00; discharge icu 12:00 from ward",
        "ed 8:00-11:59:58*, ward *11:59:58-11:59:59*, icu *11:59:59-12:00",
    );
}

#[test]
fn inferred_beginnings_respect_what_is_known() {
    gives(
        "move ed 11:59:59; discharge icu 12:00 from ward",
        "ed 11:59:59-11:59:59*, ward *11:59:59-11:59:59*, icu *11:59:59-12:00",
    );
    gives("move ed 12:00; discharge icu 12:00", "ed 12:00-12:00*, icu *12:00-12:00");
    gives(
        "move ed 8:00; discharge ed 12:00; move icu 12:00:01 from ward",
        "ed 8:00-12:00, ward *12:00-12:00:01, icu 12:00:01-open",
    );
    gives(
        "move ed 8:00; discharge ed 11:00; move icu 12:00 from ward",
        "ed 8:00-11:00, ward *11:59:59-12:00, icu 12:00-open",
    );
}

#[test]
fn a_cancelled_transfer_never_was() {
    gives("move ed 8:00; move ward 9:30 from ed; cancel transfer ward 9:30", "ed 8:00-open");
    gives("move ed 8:00; move ward 9:30 from ed; cancel transfer ward 10:05", "ed 8:00-open");
    gives(
        "move ed 8:00; move ward 9:30 from ed; move icu 11:00 from ed; cancel transfer ward 9:30",
        "ed 8:00-11:00, icu 11:00-open",
    );
    gives("move ed 8:00; move ward 9:00; cancel transfer ward 9:20; cancel transfer ed 9:40", "");
    gives("move ed 8:00; cancel transfer ward 9:00", "ed 8:00-open");
}

#[test]
fn the_stay_that_begins_at_the_cancelled_time_goes_first() {
    gives(
        "move ward 9:00; move ed 9:00 from ward; cancel transfer ward 9:00 recorded 9:05",
        "ward *8:59:59-9:00, ed 9:00-open",
    );
    gives("move ward 9:00; move ed 9:30; cancel transfer ward 9:00", "ed 9:30-open");
    gives("move ward 9:00; move ed 9:30; cancel transfer ward 10:00", "ward 9:00-9:30*, ed 9:30-open");
}

#[test]
fn a_cancelled_transfer_takes_the_whole_stay_up_to_its_limit() {
    gives("move ed 8:00; move ward 9:00; move ward 9:30; cancel transfer ward 9:00 at 9:40", "ed 8:00-open");
    gives(
        "move ed 8:00; move ward 9:00; move ward 9:30; cancel transfer ward 9:00 recorded 9:30",
        "ed 8:00-open",
    );
    gives(
        "move ed 8:00; move ward 9:00; move ward 9:30; cancel transfer ward 9:00 at 9:29",
        "ed 8:00-9:30*, ward 9:30-open",
    );
}

#[test]
fn a_discharge_goes_with_the_stay_it_ends() {
    gives("move ed 8:00; move ward 9:00; discharge ward 9:30; cancel transfer ward 9:40", "ed 8:00-open");
    // Recorded after the cancellation: it stands.
    gives(
        "move ed 8:00; move ward 9:00; discharge ward 9:30 recorded 9:50; cancel transfer ward 9:40",
        "ed 8:00-9:29:59*, ward *9:29:59-9:30",
    );
    // From another place: it stands.
    gives(
        "move ed 8:00; move ward 9:00 from ed; discharge ed 9:30; cancel transfer ward 9:00 at 10:00",
        "ed 8:00-9:30",
    );
    // At the instant of the next move: it still ends the cancelled stay.
    gives(
        "move ward 9:00; discharge ward 9:30; move icu 9:30; cancel admit ward 9:00 at 9:50",
        "icu 9:30-open",
    );
    // After the next move: it stands.
    gives(
        "move ward 9:00; discharge ward 9:40; move icu 9:30; cancel admit ward 9:00 at 9:50",
        "icu 9:30-9:39:59*, ward *9:39:59-9:40",
    );
}

#[test]
fn cancelled_admissions() {
    gives("move ward 9:00; cancel admit ward 9:00; move ed 9:20", "ed 9:20-open");
    gives("move ward 9:00; move ward 9:00 from ed; cancel admit ward 9:00", "");
    gives("move ward 9:00; move ward 9:30; cancel admit ward 9:00", "ward 9:30-open");
    gives("move ward 9:00; move ward 9:30; cancel admit ward 9:30", "ward 9:00-open");
    gives("move ward 9:00; cancel admit ward 9:01", "ward 9:00-open");
    gives("move ed 8:00; move ward 9:00 from ed; cancel admit ed 8:00", "ed *8:59:59-9:00, ward 9:00-open");
}

#[test]
fn cancelled_discharges() {
    gives("move ed 8:00; discharge ed 10:00; cancel discharge ed 10:00", "ed 8:00-open");
    gives("move ed 8:00; discharge ed 10:00; cancel discharge ed 10:00; discharge ed 11:00", "ed 8:00-11:00");
    gives(
        "move ed 8:00; discharge ed 11:00 recorded 11:06; discharge ed 10:00 recorded 12:00; \
         cancel discharge ed 10:00",
        "ed 8:00-11:00",
    );
    gives("move ed 8:00; discharge ed 10:00; cancel discharge ward 10:00", "ed 8:00-10:00");
}

#[test]
fn of_several_discharges_the_one_recorded_last_counts() {
    gives(
        "move ed 8:00; discharge ed 11:00 recorded 11:06; discharge ed 10:30 recorded 12:00",
        "ed 8:00-10:30",
    );
    gives("move ed 8:00; discharge ed 11:00; discharge ed 10:30", "ed 8:00-11:00");
    gives(
        "move ed 8:00; discharge ed 11:00 recorded 12:00; discharge ed 10:30 recorded 12:00",
        "ed 8:00-11:00",
    );
    gives(
        "move ed 8:00; discharge ed 10:00 recorded 12:00; move ed 10:20; discharge ed 10:30",
        "ed 8:00-10:00, ed 10:20-10:30",
    );
}

#[test]
fn two_places_at_one_instant() {
    gives(
        "move ed 8:00; move ward 9:00 from ed; move bay 9:00 from ward",
        "ed 8:00-9:00, ward 9:00-9:00, bay 9:00-open",
    );
    // No path from one to the other: by record, then by name.
    gives(
        "move ed 8:00; move bay 9:00 from ed; move ward 9:00 from ed",
        "ed 8:00-9:00, bay 9:00-9:00*, ed *9:00-9:00, ward 9:00-open",
    );
    gives(
        "move ed 8:00; move bay 9:00 recorded 9:10; move ward 9:00",
        "ed 8:00-9:00*, ward 9:00-9:00*, bay 9:00-open",
    );
}

#[test]
fn a_circle_at_one_instant_starts_where_the_patient_is() {
    gives(
        "move ed 8:00; move bay 9:00 from ed; move ed 9:00 from bay",
        "ed 8:00-9:00, bay 9:00-9:00, ed 9:00-open",
    );
    gives(
        "move bay 8:00; move bay 9:00 from ed; move ed 9:00 from bay",
        "bay 8:00-9:00, ed 9:00-9:00, bay 9:00-open",
    );
    gives(
        "move scan 8:00; move bay 9:00 from ed; move ed 9:00 from bay",
        "scan 8:00-8:59:59*, ed *8:59:59-9:00, bay 9:00-9:00, ed 9:00-open",
    );
    gives(
        "move c 9:00 from b; move b 9:00 from a; move a 9:00 from c; move d 9:00",
        "d 9:00-9:00*, c *9:00-9:00, a 9:00-9:00, b 9:00-9:00, c 9:00-open",
    );
}

#[test]
fn after_a_discharge() {
    gives("move ed 8:00; discharge ed 10:00; move ward 11:00 from ed", "ed 8:00-11:00, ward 11:00-open");
    gives("move ed 8:00; discharge ed 10:00; move ed 11:00", "ed 8:00-10:00, ed 11:00-open");
    gives("move ed 8:00; discharge ed 10:00; move ward 11:00", "ed 8:00-10:00, ward 11:00-open");
}

#[test]
fn the_latest_repeat_counts() {
    // The first discharge was sent again at noon, so it is the last word.
    gives(
        "move ed 8:00; discharge ed 11:00; discharge ed 10:30 recorded 11:30; \
         discharge ed 11:00 recorded 12:00",
        "ed 8:00-11:00",
    );
    // A cancellation sent again reaches further.
    gives(
        "move ed 8:00; move ward 9:00; move ward 9:30; cancel transfer ward 9:00 at 9:10; \
         cancel transfer ward 9:00 at 9:30",
        "ed 8:00-open",
    );
}

#[test]
fn which_messages_are_cancelled() {
    let known = facts(
        "move ed 8:00; move ward 9:00; discharge ward 9:30; cancel transfer ward 9:40; \
         discharge ed 10:00; cancel discharge ed 10:00; discharge ed 11:00",
    );
    let cancelled: Vec<_> = (0..known.len()).filter(|i| is_cancelled(&known, &known[*i])).collect();
    assert_eq!(cancelled, [1, 2, 4]);
}

#[test]
fn a_message_need_not_be_among_the_facts_to_be_cancelled() {
    let known = facts("move ed 8:00; cancel admit ward 9:00");
    assert!(is_cancelled(&known, &facts("move ward 9:00 from ed")[0]));
    assert!(!is_cancelled(&known, &facts("move ward 9:01 from ed")[0]));
    assert!(!is_cancelled(&known, &facts("discharge ward 9:00")[0]));
    assert!(!is_cancelled(&known, &facts("cancel transfer ward 9:00")[0]));
}

#[test]
fn a_discharge_that_does_not_count_is_not_cancelled() {
    let known = facts("move ed 8:00; discharge ed 10:00; discharge ed 11:00");
    assert!(!is_cancelled(&known, &known[1]));
}
