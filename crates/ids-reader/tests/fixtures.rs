//! Whole messages: every property of what the HL7 files under `test-files/hl7` give.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use emap_ids_reader::ConversionOutcome;
use emap_interchange::{Message, Payload};
use emap_test_support::fixtures::{self, assert_same};

use self::support::files;

/// The messages of a file that are of one kind.
fn converted(file: &Path, wanted: fn(&Message) -> bool) -> Vec<Message> {
    let text = std::fs::read(file).unwrap();
    let mut messages = match support::latest().convert(support::SOURCE_ID, &text).outcome {
        ConversionOutcome::Messages(messages) => messages,
        other => panic!("{}: {other:?}", file.display()),
    };
    messages.retain(wanted);
    messages
}

fn is_adt(message: &Message) -> bool {
    matches!(message.payload, Payload::Adt(_))
}

fn is_condition(message: &Message) -> bool {
    matches!(message.payload, Payload::Condition(_))
}

/// Each file of a directory gives the conditions of its YAML file, in order and numbered.
fn assert_conditions(directory: &str, load: fn(&str) -> Vec<Message>) {
    for file in files::in_directory(directory) {
        let (found, expected) = (converted(&file, is_condition), load(&files::yaml_name(&file, directory)));
        assert_same(&found, &expected);
        let ids: Vec<_> = expected.iter().map(|message| message.source_message_id.clone()).collect();
        assert!(found.iter().map(|message| &message.source_message_id).eq(&ids), "{}", file.display());
    }
}

#[test]
fn patients_and_visits() {
    for file in files::in_directory("adt") {
        let expected = fixtures::adt(&files::yaml_name(&file, "adt"));
        assert_eq!(expected.source_message_id.as_deref(), Some(support::SOURCE_ID), "{}", file.display());
        assert_eq!(converted(&file, is_adt), [expected], "{}", file.display());
    }
}

#[test]
fn allergies() {
    assert_conditions("allergies", fixtures::allergies);
}

#[test]
fn infections() {
    assert_conditions("infections", fixtures::infections);
}

#[test]
fn problems() {
    assert_conditions("problems", fixtures::problems);
}
