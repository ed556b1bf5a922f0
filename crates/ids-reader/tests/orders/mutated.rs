//! Messages as they should not be, but are: segments dropped, doubled, swapped; fields cut off; broken escapes; other
//! separators. Each gives messages, or nothing and one reason.

use std::collections::HashSet;

use emap_ids_reader::Outcome;
use emap_interchange::{Message, Payload};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::hl7;
use crate::support::{SOURCE_ID, convert, converter};

const FILES: [&str; 6] = [
    "consults/comments_before_questions",
    "consults/closed_at_discharge",
    "advance_decisions/new_with_questions",
    "advance_decisions/new",
    "flowsheets/mixed",
    "flowsheets/two_orders",
];

#[derive(Debug, Clone)]
enum Mutation {
    Drop(Index),
    Double(Index),
    Swap(Index, Index),
    /// Cuts a line off at a byte.
    Cut(Index, Index),
    /// Puts text into a line.
    Insert(Index, Index, &'static str),
    /// Names another separator in the header only.
    Foreign(Index, char),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<Index>;
    let pieces = prop::sample::select(vec![
        "\\", "\\T", "\\X0", "\\.br", "\\E\\\\", "|", "^", "~", "&", "\"\"", "->", "D", "F", "9", "\u{a0}",
        "é", "\r", "OBX",
    ]);
    prop_oneof![
        index().prop_map(Mutation::Drop),
        index().prop_map(Mutation::Double),
        (index(), index()).prop_map(|(one, other)| Mutation::Swap(one, other)),
        (index(), index()).prop_map(|(line, at)| Mutation::Cut(line, at)),
        (index(), index(), pieces).prop_map(|(line, at, piece)| Mutation::Insert(line, at, piece)),
        (index(), prop::sample::select(vec!['$', '!', '^', '&', 'x']))
            .prop_map(|(at, c)| Mutation::Foreign(at, c)),
    ]
}

fn mutate(lines: &mut Vec<String>, mutation: &Mutation) {
    let position = |line: &str, at: &Index| {
        let at = at.index(line.len() + 1);
        (at..=line.len()).find(|&at| line.is_char_boundary(at)).unwrap_or_default()
    };
    let at = |index: &Index| index.index(lines.len());
    match mutation {
        Mutation::Drop(line) if lines.len() > 1 => drop(lines.remove(at(line))),
        Mutation::Drop(_) => {}
        Mutation::Double(line) => lines.insert(at(line), lines[at(line)].clone()),
        Mutation::Swap(one, other) => {
            let (one, other) = (at(one), at(other));
            lines.swap(one, other);
        }
        Mutation::Cut(line, place) => {
            let line = at(line);
            let place = position(&lines[line], place);
            lines[line].truncate(place);
        }
        Mutation::Insert(line, place, piece) => {
            let line = at(line);
            let place = position(&lines[line], place);
            lines[line].insert_str(place, piece);
        }
        Mutation::Foreign(place, separator) => {
            let place = 3 + place.index(5);
            if lines[0].is_char_boundary(place)
                && lines[0].is_char_boundary(place + 1)
                && lines[0].len() > place
            {
                lines[0].replace_range(place..=place, &separator.to_string());
            }
        }
    }
}

/// What belongs to one patient and visit must not be told of another.
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
        let mut lines: Vec<String> = hl7(file).lines().map(str::to_owned).collect();
        for mutation in &mutations {
            mutate(&mut lines, mutation);
        }
        let text = lines.join("\n");
        let mut converter = converter();
        match converter.convert(SOURCE_ID, text.as_bytes()).outcome {
            Outcome::Messages(messages) => {
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
            Outcome::Skipped { reason } => prop_assert!(!reason.to_string().is_empty()),
            Outcome::Rejected { reason } => prop_assert!(!reason.to_string().contains("HALE")),
        }
        // The next message is converted as if nothing had happened.
        let next = converter.convert(SOURCE_ID, hl7(file).as_bytes());
        prop_assert_eq!(next, convert(&hl7(file)));
    }
}
