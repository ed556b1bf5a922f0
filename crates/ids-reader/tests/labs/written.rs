//! Whole messages: every property of what the HL7 files give. Each has a YAML file of its name.

use emap_ids_reader::{ConversionOutcome, Converter};
use emap_interchange::{Message, Payload};
use emap_test_support::fixtures;

use crate::support::{SOURCE_ID, converter, files};

fn orders_of(converter: &mut Converter, file: &std::path::Path) -> Vec<Message> {
    match converter.convert(SOURCE_ID, &std::fs::read(file).unwrap()).outcome {
        ConversionOutcome::Messages(mut messages) => {
            messages.retain(|message| matches!(message.payload, Payload::LabOrder(_)));
            messages
        }
        other => panic!("{}: {other:?}", file.display()),
    }
}

/// A file with defaults beside it holds a list, any other one order.
fn has_defaults(name: &str) -> bool {
    let defaults = name.replace(".yaml", "_order_defaults.yaml");
    fixtures::path("interchange/LabOrders").join(defaults).exists()
}

#[test]
fn every_file_gives_its_orders() {
    let mut converter = converter();
    for file in files::in_directory("labs") {
        let found = orders_of(&mut converter, &file);
        let name = files::yaml_name(&file, "labs");
        if has_defaults(&name) {
            fixtures::assert_same(&found, &fixtures::lab_orders(&name, SOURCE_ID));
        } else {
            let expected = fixtures::lab_order(&name);
            assert_eq!(found.len(), 1, "{name}");
            assert_eq!(found[0].source_message_id, expected.source_message_id, "{name}");
            fixtures::assert_same(&found, &[expected]);
        }
    }
}

#[test]
fn lists_have_the_order_of_the_message() {
    // Comparison by fixtures takes questions in any order.
    let questions =
        |name: &str| -> Vec<String> { crate::order(&crate::hl7(name)).questions.keys().cloned().collect() };
    let pathology = ["How many labels to print?", "Clinical details:", "Is it the first sample?"];
    assert_eq!(questions("co_path/cancelled/01_nw"), pathology);
    let imaging = ["Mobile examination?", "How does the patient travel?", "Contact number?"];
    assert_eq!(questions("imaging/report"), imaging);
}
