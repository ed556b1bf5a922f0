//! Batches of messages of each family, and of all of them: few queries, and one bad message harms no other.

use std::{collections::HashSet, ops::Range, sync::Arc};

use emap_core::{Incoming, Outcome};
use emap_interchange::{Message, Payload};
use emap_star::rows::EtlMessageReject;

use crate::{
    adt, clinical, labs, reference,
    world::{World, incoming},
};

/// Messages of a family at an hour (`HH`) about things of their own, distinguished by a number.
pub(crate) type About = fn(i64, &str) -> Vec<Message>;

/// Statements that it takes to read what a batch needs.
pub(crate) fn cost(world: &mut World, messages: Vec<Message>) -> u64 {
    let before = world.statements();
    let outcomes = world.receive_together(messages);
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Success), "{outcomes:?}");
    world.statements() - before
}

/// As many statements for many messages as for few, whether what they are about is known or not.
fn assert_constant(about: About, most: u64) {
    let mut world = World::on_postgres();
    let mut cost = |numbers: Range<i64>, hour| {
        cost(&mut world, numbers.flat_map(|number| about(number, hour)).collect())
    };
    // Nobody and nothing is known.
    assert_eq!(cost(0..2, "09"), cost(2..52, "09"));
    // All is known.
    let (few, many) = (cost(0..2, "10"), cost(2..52, "10"));
    assert_eq!(few, many);
    assert!(many <= most, "{many} statements to read what a batch needs");
}

#[test]
fn movements_cost_a_constant_number_of_queries() {
    assert_constant(adt::batches::about, 8);
}

#[test]
fn clinical_messages_cost_a_constant_number_of_queries() {
    assert_constant(clinical::batches::about, 32);
}

#[test]
fn laboratory_messages_cost_a_constant_number_of_queries() {
    assert_constant(labs::batches::about, 16);
}

#[test]
fn messages_of_forms_and_places_cost_a_constant_number_of_queries() {
    assert_constant(reference::batches::about, 28);
}

fn of_all_families(number: i64, hour: &str) -> Vec<Message> {
    let families: [About; 4] =
        [adt::batches::about, clinical::batches::about, labs::batches::about, reference::batches::about];
    families.iter().flat_map(|about| about(number, hour)).collect()
}

#[test]
fn messages_of_all_families_cost_a_constant_number_of_queries() {
    assert_constant(of_all_families, 80);
}

/// Classes of messages that core has rules for and that are not among these; the events of patient messages count as
/// one.
pub(crate) fn classes_missing_in(messages: &[Message]) -> Vec<&'static str> {
    let present: HashSet<&str> = messages.iter().map(Message::class_name).collect();
    let is_present = |message: &Message| match message.payload {
        Payload::Adt(_) => messages.iter().any(|other| matches!(other.payload, Payload::Adt(_))),
        Payload::Waveform(_) | Payload::WaveformHighFreq(_) | Payload::WaveformLowFreq(_) => true,
        _ => present.contains(message.class_name()),
    };
    Message::of_each_class().iter().filter(|message| !is_present(message)).map(Message::class_name).collect()
}

#[test]
fn all_families_are_all_there_are() {
    assert_eq!(classes_missing_in(&of_all_families(1, "09")), [""; 0]);
}

/// Of a batch with good and bad messages the bad ones alone fail, and are kept with a reason that gives no values.
/// `x` stands for the values.
pub(crate) fn assert_good_ones_unharmed(about: About, bad: Vec<Message>) -> World {
    let mut world = World::on_postgres();
    let mut messages: Vec<Message> = (0..3).flat_map(|number| about(number, "09")).collect();
    let spoilt = messages.len()..messages.len() + bad.len();
    messages.extend(bad);
    messages.extend((3..5).flat_map(|number| about(number, "09")));
    for (place, outcome) in world.receive_together(messages).into_iter().enumerate() {
        assert_eq!(outcome == Outcome::Success, !spoilt.contains(&place), "message {place}: {outcome:?}");
    }
    let rejects: Vec<EtlMessageReject> = world.rows();
    assert_eq!(rejects.len(), spoilt.len());
    assert!(rejects.iter().all(|reject| !reject.reason.is_empty() && !reject.reason.contains("xxx")));
    world
}

/// A body in which a value became another text.
pub(crate) fn garbled(message: &Message, right: &str, wrong: &str) -> Incoming {
    let body = String::from_utf8(message.to_json()).unwrap();
    assert!(body.contains(right), "{right} in {body}");
    Incoming::decode(Arc::from("databaseExtracts"), body.replacen(right, wrong, 1).into_bytes())
}

/// A body in which a property is `"Jones"` is refused as a whole: the reason names the property, not its value.
/// `written`: the property as it should be.
pub(crate) fn assert_unreadable(message: &Message, written: &str, place: &str) {
    let (property, _) = written.split_once(':').unwrap();
    let mut world = World::in_memory();
    let spoilt = garbled(message, written, &format!("{property}:\"Jones\""));
    let reports = world.deliver(&[spoilt, incoming(message)]);
    assert_eq!((reports[0].outcome, reports[1].outcome), (Outcome::Error, Outcome::Success), "{place}");
    let reason = reports[0].reason.as_deref().unwrap();
    assert!(reason.starts_with(&format!("{place}: ")) && !reason.contains("Jones"), "{place}: {reason}");
    let reject: EtlMessageReject = world.only();
    assert!(reject.body.contains("Jones"), "kept as it came");
    let alone = World::after([message.clone()]).content();
    assert_eq!(world.content().len(), alone.len() + 1, "nothing but the reject");
}
