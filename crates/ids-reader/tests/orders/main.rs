//! Orders and results: consult requests, advance decisions, flowsheets, and how they are found in a message.
#![allow(clippy::unwrap_used)]

mod advance_decisions;
mod consults;
mod flowsheets;
mod mutated;
#[path = "../support/mutations.rs"]
mod mutations;
#[path = "../support/mod.rs"]
mod support;

use emap_interchange::{Adt, AdtEvent, Message, Payload};
use emap_test_support::fixtures;

/// A text file under `test-files/hl7`.
fn hl7(name: &str) -> String {
    fixtures::text(&format!("hl7/{name}.hl7"))
}

/// The messages besides the patient and visit that are implied, which come first.
fn order_messages(text: &str) -> Vec<Message> {
    let mut messages = support::messages(text);
    let first = messages.remove(0);
    assert!(is_implied(&first), "{first:?}");
    assert!(!messages.iter().any(is_implied));
    messages
}

fn is_implied(message: &Message) -> bool {
    matches!(&message.payload, Payload::Adt(adt) if matches!(**adt, Adt { event: AdtEvent::ImpliedAdtMessage, .. }))
}
