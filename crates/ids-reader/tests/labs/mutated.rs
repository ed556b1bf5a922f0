//! Lab messages as they should not be, but are. Each gives messages, or nothing and one reason.

use std::{collections::HashSet, path::PathBuf};

use emap_ids_reader::ConversionOutcome;
use emap_interchange::{LabOrder, LabResult, Message, Payload, ValueType};
use proptest::{prelude::*, sample::Index};

use crate::{
    mutations::{mutated, mutation},
    support::{SOURCE_ID, convert, converter, files},
};

/// What holds of every order, whatever happened to its message.
fn assert_sound(order: &LabOrder) {
    let systems = ["WIN_PATH", "CO_PATH", "PACS", "ABL90_FLEX_PLUS", "BIO_CONNECT", "BANK_MANAGER"];
    assert!(systems.contains(&order.test_battery_coding_system.as_deref().unwrap()));
    // Imaging has no sample.
    let has_sample = order.test_battery_coding_system.as_deref() != Some("PACS");
    assert!(order.collection_date_time.is_some() || !has_sample);
    order.lab_results.iter().for_each(assert_sound_result);
}

fn assert_sound_result(result: &LabResult) {
    let numeric = result.mime_type == Some(ValueType::Numeric);
    assert!(numeric || result.numeric_value.is_unknown());
    assert!(result.numeric_value.saved().is_none_or(|number| number.is_finite()));
    assert_eq!(result.result_operator.is_some(), !result.numeric_value.is_unknown());
    assert_eq!(result.mime_type == Some(ValueType::LabIsolate), result.lab_isolate.is_some());
    assert!(result.byte_value.is_unknown() || result.mime_type == Some(ValueType::Pdf));
    if let Some(isolate) = &result.lab_isolate {
        isolate.sensitivities.iter().for_each(assert_sound_result);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn messages_or_one_reason(
        file in any::<Index>(),
        mutations in proptest::collection::vec(mutation(), 1..6),
    ) {
        let file: PathBuf = file.get(&files::in_directory("labs")).clone();
        let original = std::fs::read_to_string(&file).unwrap();
        let text = mutated(&original, &mutations);
        let mut converter = converter();
        match converter.convert(SOURCE_ID, text.as_bytes()).outcome {
            ConversionOutcome::Messages(messages) => {
                let ids: HashSet<_> = messages.iter().map(|one| (one.class_name(), &one.source_message_id)).collect();
                prop_assert_eq!(ids.len(), messages.len());
                for message in &messages {
                    if let Payload::LabOrder(order) = &message.payload {
                        assert_sound(order);
                    }
                    // What is published can be read again.
                    prop_assert_eq!(&Message::from_json(&message.to_json()).unwrap(), message);
                }
            }
            ConversionOutcome::Skipped { reason } => prop_assert!(!reason.to_string().is_empty()),
            ConversionOutcome::Rejected { reason } => {
                let reason = reason.to_string();
                prop_assert!(!["LINDEN", "HOLM", "MARLOW", "6005010"].iter().any(|name| reason.contains(name)));
            }
        }
        // The next message is converted as if nothing had happened.
        let next = converter.convert(SOURCE_ID, original.as_bytes());
        prop_assert_eq!(next, convert(&original));
    }
}
