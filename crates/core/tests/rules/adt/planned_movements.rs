//! Movements that are planned, and called off, in whatever order the messages come.

use emap_core::{Outcome, orders::Choice};
use emap_interchange::{
    AdtEvent,
    InterchangeValue::{self, Save},
    Message, PendingType,
};
use emap_test_support::messages::{adt, at, with};

use super::rows::Rows;
use crate::world::World;

const HERE: &str = "W1^W1 BAY1^W1-01";
const THERE: &str = "W2^W2 BAY1^W2-01";

fn day(time: &str) -> String {
    format!("2031-03-02T{time}:00Z")
}

fn there() -> InterchangeValue<String> {
    Save(THERE.to_owned())
}

/// A transfer is planned.
fn planned(destination: &InterchangeValue<String>, time: &str) -> Message {
    let event = AdtEvent::PendingTransfer {
        pending_event_type: Some(PendingType::Transfer),
        pending_destination: destination.clone(),
        hospital_service: InterchangeValue::Unknown,
    };
    adt(event, "M1", "V1", HERE, &day(time))
}

/// A transfer will not take place.
fn called_off(destination: &InterchangeValue<String>, time: &str) -> Message {
    let event = AdtEvent::CancelPendingTransfer {
        pending_event_type: Some(PendingType::Transfer),
        pending_destination: destination.clone(),
        hospital_service: InterchangeValue::Unknown,
        cancelled_date_time: Some(at(&day(time))),
    };
    adt(event, "M1", "V1", HERE, &day(time))
}

/// Messages about one destination: `10:00` is a plan made then, `x10:15` one called off then.
fn messages(text: &str) -> Vec<Message> {
    text.split(' ')
        .map(|word| match word.strip_prefix('x') {
            Some(time) => called_off(&there(), time),
            None => planned(&there(), word),
        })
        .collect()
}

fn rows_after(text: &str) -> Rows {
    World::after(messages(text)).snapshot()
}

/// The plans after these messages, without kind and destination.
fn plans(text: &str) -> Vec<String> {
    let transfer = format!("TRANSFER {THERE} ");
    rows_after(text).planned().into_iter().map(|plan| plan.replacen(&transfer, "", 1)).collect()
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// The items in every order.
fn in_every_order<T: Clone>(items: &[T]) -> impl Iterator<Item = Vec<T>> {
    let all = Choice { at_most: usize::MAX, seed: 0 };
    all.orders(items.len()).map(|order| order.into_iter().map(|place| items[place].clone()).collect())
}

#[test]
fn a_plan_is_noted_and_moves_nobody() {
    let rows = rows_after("10:00");
    assert_eq!(rows.planned(), [format!("TRANSFER {THERE} 10:00–open")]);
    assert_eq!((rows.mrns.len(), rows.demographics.len()), (1, 1));
    assert_eq!(rows.plans[0].hospital_visit_id, rows.visit().hospital_visit_id);
    assert_eq!(rows.plans[0].valid_from, at(&day("10:00")));
    assert!(rows.stays.is_empty() && rows.events.is_empty() && rows.plan_audits.is_empty());
}

#[test]
fn a_cancellation_without_its_plan_waits_for_it() {
    assert_eq!(plans("x10:15"), ["?–10:15"]);
}

#[test]
fn a_plan_is_called_off() {
    let rows = rows_after("10:00 x10:15");
    assert_eq!(rows.planned(), [format!("TRANSFER {THERE} 10:00–10:15")]);
    let ([plan], [before]) = (rows.plans.as_slice(), rows.plan_audits.as_slice()) else { panic!("{rows:?}") };
    assert_eq!(plan.valid_from, at(&day("10:15")));
    assert_eq!(
        (before.event_datetime, before.cancelled, before.cancelled_datetime),
        (plan.event_datetime, Some(false), None)
    );
    assert_eq!((before.valid_from, before.valid_until), (at(&day("10:00")), Some(at(&day("10:15")))));
    assert_eq!(before.stored_until, Some(plan.stored_from));
}

#[test]
fn a_plan_finds_the_cancellation_that_came_first() {
    let rows = rows_after("x10:15 10:00");
    assert_eq!(rows.planned(), [format!("TRANSFER {THERE} 10:00–10:15")]);
    let ([plan], [before]) = (rows.plans.as_slice(), rows.plan_audits.as_slice()) else { panic!("{rows:?}") };
    assert_eq!(plan.valid_from, at(&day("10:00")));
    assert_eq!((before.event_datetime, before.cancelled), (None, Some(true)));
    assert_eq!((before.valid_from, before.valid_until), (at(&day("10:15")), Some(at(&day("10:00")))));
}

#[test]
fn cancellations_wait_for_several_plans() {
    assert_eq!(plans("x10:15 x11:15"), ["?–10:15", "?–11:15"]);
    assert_eq!(plans("x10:15 x11:15 10:00"), ["10:00–10:15", "?–11:15"]);
    assert_eq!(plans("x10:15 x11:15 10:00 11:00"), ["10:00–10:15", "11:00–11:15"]);
}

#[test]
fn a_later_cancellation_that_waits_stands_for_an_earlier_one() {
    assert_eq!(plans("x11:15 x10:15"), ["?–11:15"]);
    assert_eq!(plans("x11:15 x10:15 10:00 11:00"), ["10:00–11:15", "11:00–open"]);
}

#[test]
fn repeats_change_nothing_but_leave_a_cancellation_over() {
    let rows = rows_after("10:00 10:00");
    assert_eq!((rows.plans.len(), rows.plan_audits.len()), (1, 0));
    assert_eq!(plans("10:00 10:00 x10:15 x10:15"), ["10:00–10:15", "?–10:15"]);
    assert_eq!(plans("10:00 10:00 x10:15 x10:15 10:00"), ["10:00–10:15", "?–10:15"], "the same plan wins");
}

#[test]
fn the_earliest_open_plan_is_called_off() {
    assert_eq!(plans("11:00 10:00 x11:15"), ["11:00–open", "10:00–11:15"]);
    assert_eq!(plans("11:00 x10:15"), ["11:00–open", "?–10:15"], "not one that is made later");
    assert_eq!(plans("x09:00 10:00"), ["?–09:00", "10:00–open"], "nor by an earlier cancellation");
}

#[test]
fn plans_and_cancellations_pair_up_as_they_come() {
    for (text, expected) in [
        ("10:00 x10:15", vec!["10:00–10:15"]),
        ("x10:15 10:00", vec!["10:00–10:15"]),
        ("10:00 x10:15 11:00 x11:15", vec!["10:00–10:15", "11:00–11:15"]),
        ("10:00 x10:15 x11:15 11:00", vec!["10:00–10:15", "11:00–11:15"]),
        ("x10:15 x11:15 10:00 11:00", vec!["10:00–10:15", "11:00–11:15"]),
        ("10:00 11:00 x10:15 x11:15", vec!["10:00–10:15", "11:00–11:15"]),
    ] {
        assert_eq!(plans(text), expected, "{text}");
    }
}

#[test]
fn two_pairs_in_every_order() {
    let mut paired = 0;
    for order in in_every_order(&["10:00", "x10:15", "11:00", "x11:15"]) {
        let place = |word| order.iter().position(|other| *other == word);
        let later_pair_first =
            [place("11:00"), place("x11:15")].iter().max() < [place("10:00"), place("x10:15")].iter().min();
        let swallowed = place("x11:15") < place("x10:15") && !later_pair_first;
        let as_planned = sorted(plans(&order.join(" "))) == ["10:00–10:15", "11:00–11:15"];
        assert_eq!(as_planned, !swallowed, "{order:?}");
        paired += u32::from(as_planned);
    }
    assert_eq!(paired, 16);
}

#[test]
fn plans_without_a_destination_pair_among_themselves() {
    let nowhere = InterchangeValue::Unknown;
    let deleted = InterchangeValue::delete();
    let rows = World::after([planned(&nowhere, "10:00"), called_off(&deleted, "10:15")]).snapshot();
    assert_eq!(rows.planned(), ["TRANSFER nowhere 10:00–10:15"]);
    assert!(rows.locations.is_empty());
    let apart = World::after([planned(&nowhere, "10:00"), called_off(&there(), "10:15")]).snapshot();
    assert_eq!(apart.planned(), ["TRANSFER nowhere 10:00–open", &format!("TRANSFER {THERE} ?–10:15")]);
}

#[test]
fn a_pair_without_destination_mixes_with_two_that_have_one() {
    let mut all = messages("10:00 x10:15 11:00 x11:15");
    all.extend([
        planned(&InterchangeValue::Unknown, "10:00"),
        called_off(&InterchangeValue::Unknown, "10:15"),
    ]);
    let expected = [
        format!("TRANSFER {THERE} 10:00–10:15"),
        format!("TRANSFER {THERE} 11:00–11:15"),
        "TRANSFER nowhere 10:00–10:15".to_owned(),
    ];
    let mut paired = 0;
    for order in in_every_order(&all) {
        let found = sorted(World::after(order).snapshot().planned());
        assert!(found.contains(&expected[2]), "{found:?}");
        paired += u32::from(found == expected);
    }
    assert_eq!(paired, 480, "as often as for the two pairs alone");
}

#[test]
fn plans_of_different_kinds_do_not_pair() {
    let kind = |message, kind| {
        with(message, |adt| {
            if let AdtEvent::PendingTransfer { pending_event_type, .. }
            | AdtEvent::CancelPendingTransfer { pending_event_type, .. } = &mut adt.event
            {
                *pending_event_type = kind;
            }
        })
    };
    let discharge = kind(planned(&there(), "10:00"), Some(PendingType::Discharge));
    let rows = World::after([discharge, called_off(&there(), "10:15")]).snapshot();
    let expected = [format!("DISCHARGE {THERE} 10:00–open"), format!("TRANSFER {THERE} ?–10:15")];
    assert_eq!(rows.planned(), expected);
    let mut world = World::in_memory();
    assert_eq!(world.receive([kind(planned(&there(), "10:00"), None)]), [Outcome::Error]);
    assert!(world.snapshot().mrns.is_empty(), "nothing of it is kept");
}

#[test]
fn plans_of_different_visits_do_not_pair() {
    let elsewhere = with(called_off(&there(), "10:15"), |adt| adt.visit_number = Some("V2".to_owned()));
    let rows = World::after([planned(&there(), "10:00"), elsewhere]).snapshot();
    assert_eq!(rows.plans.len(), 2);
    assert_eq!(rows.plans[0].cancelled, Some(false));
}

#[test]
fn any_source_may_plan() {
    let messages = messages("10:00 x10:15")
        .into_iter()
        .map(|message| Message { source_system: Some("Elsewhere".to_owned()), ..message });
    assert_eq!(World::after(messages).snapshot().planned(), [format!("TRANSFER {THERE} 10:00–10:15")]);
}

#[test]
fn without_a_visit_number_only_the_patient_is_noted() {
    let mut world = World::in_memory();
    let message = with(planned(&there(), "10:00"), |adt| adt.visit_number = None);
    assert_eq!(world.receive([message]), [Outcome::RequiredDataMissing]);
    let rows = world.snapshot();
    assert_eq!((rows.mrns.len(), rows.demographics.len(), rows.visits.len()), (1, 1, 0));
    assert!(rows.plans.is_empty() && rows.locations.is_empty());
}

#[test]
fn plans_without_their_times_pair_with_nothing() {
    let undated = with(planned(&there(), "10:00"), |adt| adt.event_occurred_date_time = None);
    let endless = with(called_off(&there(), "10:15"), |adt| {
        if let AdtEvent::CancelPendingTransfer { cancelled_date_time, .. } = &mut adt.event {
            *cancelled_date_time = None;
        }
    });
    let mut world = World::in_memory();
    assert_eq!(world.receive([undated, called_off(&there(), "10:15"), endless]), [Outcome::Success; 3]);
    let expected = ["?–open", "?–10:15", "?–?"].map(|times| format!("TRANSFER {THERE} {times}"));
    assert_eq!(world.snapshot().planned(), expected);
}

#[test]
fn what_earlier_batches_planned_is_known_on_the_database() {
    let stream = messages("x11:15 10:00 x10:15 11:00 10:00");
    let mut memory = World::in_memory();
    let mut one_by_one = World::on_postgres();
    let mut together = World::on_postgres();
    for world in [&mut memory, &mut one_by_one] {
        world.receive(stream.clone());
    }
    together.receive_together(stream);
    assert_eq!(memory.content(), one_by_one.content());
    assert_eq!(memory.content(), together.content());
}

#[test]
fn plans_of_many_visits_are_read_with_one_query() {
    let mut world = World::on_postgres();
    let of_all = |messages: &[Message], visits: std::ops::Range<u32>| -> Vec<Message> {
        visits
            .flat_map(|number| messages.iter().map(move |message| (number, message.clone())))
            .map(|(number, message)| {
                with(message, |adt| {
                    adt.mrn = Some(format!("M{number}"));
                    adt.visit_number = Some(format!("V{number}"));
                })
            })
            .collect()
    };
    world.receive_together(of_all(&messages("10:00"), 0..100));
    let mut cost = |visits| {
        let before = world.statements();
        world.receive_together(of_all(&messages("x10:15"), visits));
        world.statements() - before
    };
    assert_eq!(cost(0..1), cost(1..100));
    let plans = world.snapshot().planned();
    assert_eq!(plans, vec![format!("TRANSFER {THERE} 10:00–10:15"); 100]);
}
