//! Whole visits, with mishaps, in all orders of their messages. Facts become known one by one, as they do
//! in the database: a repeat is absorbed by the fact known already.

use std::fmt::Write;

use emap_core::movement::{Fact, reconcile, stays};

use crate::notation::{Where, facts, in_every_order, show};

/// Hears the facts in turn and keeps the rows up to date after each of them.
fn hear(facts: &[Fact<Where>]) -> String {
    let (mut known, mut rows) = (Vec::<Fact<Where>>::new(), Vec::new());
    for fact in facts {
        match known.iter_mut().find(|k| k.repeats(fact)) {
            Some(repeated) => {
                repeated.absorb(fact);
            }
            None => known.push(*fact),
        }
        let changes = reconcile(&rows, &stays(&known));
        for (row, stay) in changes.update {
            rows[row] = stay;
        }
        let mut kept = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if !changes.delete.contains(&index) {
                kept.push(*row);
            }
        }
        rows = kept.into_iter().chain(changes.insert).collect();
    }
    rows.sort_by_key(|row| (row.admission, row.discharge.is_none(), row.discharge));
    show(&rows)
}

#[track_caller]
fn always_gives(text: &'static str, expected: &str) {
    in_every_order(&facts(text), |facts| assert_eq!(hear(facts), expected, "{}", story(facts)));
}

fn story(facts: &[Fact<Where>]) -> String {
    facts.iter().fold(String::new(), |mut story, fact| {
        let _ = write!(story, "{} {} {}; ", fact.kind.as_str(), fact.place, fact.at.time());
        story
    })
}

#[test]
fn to_and_fro_between_places() {
    always_gives(
        "move ed 7:00; move ward 8:00 from ed; move scan 9:00 from ward; move ward 10:00 from scan; \
         move scan 11:00 from ward; move icu 12:00 from scan; discharge icu 13:00",
        "ed 7:00-8:00, ward 8:00-9:00, scan 9:00-10:00, ward 10:00-11:00, scan 11:00-12:00, icu 12:00-13:00",
    );
}

#[test]
fn admission_to_the_wrong_place_cancelled() {
    always_gives(
        "move icu 7:00; cancel admit icu 7:00; cancel admit icu 7:00; move ed 9:00; \
         move ward 10:00 from ed; discharge ward 11:00",
        "ed 9:00-10:00, ward 10:00-11:00",
    );
}

#[test]
fn discharge_cancelled_and_repeated() {
    always_gives(
        "move ed 7:00; move ward 8:00 from ed; discharge ward 8:30; cancel discharge ward 8:30; \
         cancel discharge ward 8:30; discharge ward 9:00",
        "ed 7:00-8:00, ward 8:00-9:00",
    );
    always_gives(
        "move ed 7:00; move ward 8:00 from ed; discharge ward 8:30; cancel discharge ward 8:30",
        "ed 7:00-8:00, ward 8:00-open",
    );
}

#[test]
fn transfer_cancelled_in_the_middle() {
    always_gives(
        "move ed 7:00; move ward 8:00 from ed; move scan 8:30 from ward; cancel transfer scan 8:30; \
         cancel transfer scan 8:30; move icu 9:00 from ward; discharge icu 10:00",
        "ed 7:00-8:00, ward 8:00-9:00, icu 9:00-10:00",
    );
}

#[test]
fn each_message_of_a_visit_sent_twice() {
    const VISIT: &str = "move ed 7:00; move ward 8:00; move icu 9:00 from ward; discharge icu 10:00";
    let visit = facts(VISIT);
    for repeat in visit.clone() {
        let sent: Vec<_> = visit.iter().copied().chain([repeat]).collect();
        in_every_order(&sent, |facts| {
            assert_eq!(hear(facts), "ed 7:00-8:00*, ward 8:00-9:00, icu 9:00-10:00");
        });
    }
}

#[test]
fn moves_that_name_no_previous_place() {
    always_gives(
        "move ed 7:00; move ward 8:00; move icu 9:00; discharge icu 10:00",
        "ed 7:00-8:00*, ward 8:00-9:00*, icu 9:00-10:00",
    );
}

#[test]
fn a_return_is_never_taken_for_a_repeat() {
    always_gives(
        "move ed 7:00; move scan 8:00 from ed; move ed 9:00 from scan; discharge ed 10:00",
        "ed 7:00-8:00, scan 8:00-9:00, ed 9:00-10:00",
    );
}

#[test]
fn registered_then_admitted_to_the_same_place() {
    always_gives("move ed 7:00; move ed 7:12; move ward 8:00 from ed", "ed 7:00-8:00, ward 8:00-open");
}

#[test]
fn discharge_that_names_a_previous_place() {
    always_gives(
        "move ed 7:00; move ward 8:00 from ed; move icu 9:00 from ward; discharge icu 10:00 from ward",
        "ed 7:00-8:00, ward 8:00-9:00, icu 9:00-10:00",
    );
}

#[test]
fn discharged_from_where_a_cancelled_transfer_left() {
    always_gives(
        "move ed 7:00; move ward 8:00 from ed; cancel transfer ward 8:00; discharge ed 9:00",
        "ed 7:00-9:00",
    );
}
