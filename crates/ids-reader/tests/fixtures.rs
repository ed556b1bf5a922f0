//! Whole messages: every property of what the HL7 files under `test-files/hl7` give.
#![allow(clippy::unwrap_used)]

mod support;

use emap_ids_reader::Outcome;
use emap_interchange::Message;
use emap_test_support::fixtures;

/// The messages of files that are converted one after the other by one converter.
fn converted(files: &[&str]) -> Vec<Message> {
    let mut converter = support::converter();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read(fixtures::path(&format!("hl7/{file}"))).unwrap();
        match converter.convert(support::SOURCE_ID, &text).outcome {
            Outcome::Messages(messages) => all.extend(messages),
            other => panic!("{file}: {other:?}"),
        }
    }
    all
}

fn assert_pair(name: &str) {
    assert_eq!(converted(&[&format!("{name}.hl7")]), fixtures::messages(&format!("{name}.yaml")), "{name}");
}

#[test]
fn one_message_of_each_trigger() {
    let names = ["adt_a01", "adt_a02", "adt_a03", "adt_a04", "adt_a08", "adt_a28", "adt_a31"];
    for name in names {
        assert_pair(name);
    }
}

#[test]
fn implied_by_other_messages() {
    for name in ["adt_a05", "orm_o01_implied", "oru_r01_implied"] {
        assert_pair(name);
    }
}

#[test]
fn a_journey_gives_one_message_each() {
    let files = ["journey/01_a04.hl7", "journey/02_a01.hl7", "journey/03_a02.hl7", "journey/04_a03.hl7"];
    assert_eq!(converted(&files), fixtures::messages("adt_journey.yaml"));
}
