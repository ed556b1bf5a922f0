//! Laboratories and imaging: orders and results, a file of tests for each system.
#![allow(clippy::unwrap_used)]

mod abl90;
mod bank_manager;
mod bio_connect;
mod co_path;
mod common;
mod cultures;
mod documents;
mod imaging;
mod mutated;
mod win_path_orders;
mod win_path_results;
mod written;

#[path = "../support/mutations.rs"]
mod mutations;
#[path = "../support/mod.rs"]
mod support;

use emap_interchange::{Adt, AdtEvent, InterchangeValue, LabOrder, LabResult, Message, Payload};
use emap_test_support::fixtures;

use crate::support::messages;

/// A text file under `test-files/hl7/labs`.
fn hl7(name: &str) -> String {
    fixtures::text(&format!("hl7/labs/{name}.hl7"))
}

/// The messages about orders, without the patient and visit that may come first.
fn order_messages(text: &str) -> Vec<Message> {
    let mut messages = messages(text);
    messages.retain(|message| match &message.payload {
        Payload::LabOrder(_) => true,
        Payload::Adt(adt) if matches!(**adt, Adt { event: AdtEvent::ImpliedAdtMessage, .. }) => false,
        other => panic!("{other:?}"),
    });
    messages
}

fn lab_order(message: Message) -> LabOrder {
    match message.payload {
        Payload::LabOrder(order) => *order,
        other => panic!("{other:?}"),
    }
}

fn orders(text: &str) -> Vec<LabOrder> {
    order_messages(text).into_iter().map(lab_order).collect()
}

/// The only order.
fn order(text: &str) -> LabOrder {
    let mut orders = orders(text);
    assert_eq!(orders.len(), 1, "number of orders");
    orders.remove(0)
}

/// The results of the only order.
fn results(text: &str) -> Vec<LabResult> {
    order(text).lab_results
}

/// The only result of the only order.
fn result(text: &str) -> LabResult {
    let mut results = results(text);
    assert_eq!(results.len(), 1, "number of results");
    results.remove(0)
}

/// Code of each result.
fn codes(results: &[LabResult]) -> Vec<&str> {
    results.iter().map(|result| result.test_item_local_code.as_deref().unwrap()).collect()
}

/// Saved text of each result; empty if there is none.
fn texts(results: &[LabResult]) -> Vec<&str> {
    results.iter().map(|result| result.string_value.saved().map_or("", String::as_str)).collect()
}

fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}

/// Everything that stands, and must, between the header and the orders.
const PATIENT: &str = "PID|1||60050001||LARCH^Edith||19740408|F||||||||||7788\nPV1|1|I|W1|||||||||||||||";

/// A message of a laboratory: header, patient and visit, then these segments.
fn message(application: &str, kind: &str, segments: &[&str]) -> String {
    let header = format!("MSH|^~\\&|{application}||||20240610120600||{kind}|36|P|2.3");
    format!("{header}\n{PATIENT}|5500500001\n{}", segments.join("\n"))
}

/// The text with the first segment of a name changed: the field is set, those before it are made if there are none.
fn with_field(text: &str, place: &str, value: &str) -> String {
    let (name, number) = place.split_once('-').unwrap();
    let number = number.parse::<usize>().unwrap() - usize::from(name == "MSH");
    let mut changed = false;
    let lines = text.lines().map(|line| {
        if changed || line.split('|').next() != Some(name) {
            return line.to_owned();
        }
        changed = true;
        let mut fields: Vec<_> = line.split('|').collect();
        fields.resize(fields.len().max(number + 1), "");
        fields[number] = value;
        fields.join("|")
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    assert!(changed, "no {name}");
    text
}
