//! Messages as they should not be, but are: segments dropped, doubled, swapped; fields cut off; broken escapes; other
//! separators. Each gives messages, or nothing and one reason.

use std::collections::HashSet;

use emap_ids_reader::ConversionOutcome;
use emap_interchange::{Message, Payload};
use proptest::prelude::*;

use crate::{
    hl7,
    mutations::{mutated, mutation},
    support::{SOURCE_ID, convert, converter},
};

const FILES: [&str; 6] = [
    "consults/comments_before_questions",
    "consults/closed_at_discharge",
    "advance_decisions/new_with_questions",
    "advance_decisions/new",
    "flowsheets/mixed",
    "flowsheets/two_orders",
];

/// What belongs to one patient and visit must not be sent of another.
fn assert_about_the_same(messages: &[Message]) {
    for message in messages {
        let mrn = match &message.payload {
            Payload::Adt(content) => &content.mrn,
            Payload::ConsultRequest(content) => &content.mrn,
            Payload::AdvanceDecision(content) => &content.mrn,
            Payload::Flowsheet(content) => &content.mrn,
            other => panic!("{other:?}"),
        };
        if let (Payload::Adt(first), true) = (&messages[0].payload, messages.len() > 1) {
            assert_eq!(mrn, &first.mrn);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn messages_or_one_reason(
        file in prop::sample::select(FILES.to_vec()),
        mutations in proptest::collection::vec(mutation(), 1..6),
    ) {
        let text = mutated(&hl7(file), &mutations);
        let mut converter = converter();
        match converter.convert(SOURCE_ID, text.as_bytes()).outcome {
            ConversionOutcome::Messages(messages) => {
                prop_assert!(!messages.is_empty());
                assert_about_the_same(&messages);
                let charts = messages.iter().filter(|message| matches!(message.payload, Payload::Flowsheet(_)));
                let ids: Vec<_> = charts.map(|message| &message.source_message_id).collect();
                prop_assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
                // What is published can be read again.
                for message in &messages {
                    prop_assert_eq!(&Message::from_json(&message.to_json()).unwrap(), message);
                }
            }
            ConversionOutcome::Skipped { reason } => prop_assert!(!reason.to_string().is_empty()),
            ConversionOutcome::Rejected { reason } => prop_assert!(!reason.to_string().contains("HALE")),
        }
        // The next message is converted as if nothing had happened.
        let next = converter.convert(SOURCE_ID, hl7(file).as_bytes());
        prop_assert_eq!(next, convert(&hl7(file)));
    }
}
