//! Generated streams, each in a sample of its orders.

use emap_core::{
    Rules,
    orders::{self, Choice},
};
use emap_interchange::Message;
use proptest::prelude::*;

use crate::{
    story::explore,
    ward::{EVERYTHING, EVERYTHING_KEPT, MOVEMENTS, stream},
};

/// Says which message is which, then what differs.
fn differing(messages: &[Message], seed: u64, tables: &[&str]) -> Option<String> {
    let findings = explore(messages, Choice { at_most: 60, seed }.orders(messages.len()));
    let differs = |name: &&str| findings.table(name).is_some_and(|table| table.contents.len() > 1);
    tables.iter().any(differs).then(|| {
        let mut report = Vec::new();
        emap_core::orders::write(&mut report, messages, &findings).unwrap();
        String::from_utf8(report).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn movements_give_the_same_stays_in_any_order(messages in stream(MOVEMENTS, 1..16), seed in any::<u64>()) {
        let tables = ["location", "location_event", "location_visit"];
        prop_assert_eq!(differing(&messages, seed, &tables), None);
    }

    #[test]
    fn merges_and_moved_visits_change_no_stay(messages in stream(EVERYTHING_KEPT, 1..16), seed in any::<u64>()) {
        let tables = ["location", "location_event", "location_visit"];
        prop_assert_eq!(differing(&messages, seed, &tables), None);
    }

    #[test]
    fn no_order_of_anything_fails(messages in stream(EVERYTHING, 1..16), seed in any::<u64>()) {
        let findings = explore(&messages, Choice { at_most: 20, seed }.orders(messages.len()));
        prop_assert!(findings.failures.is_empty(), "{:?}", findings.failures);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn of_the_shortest_stream_no_message_can_be_left_out(
        messages in stream(EVERYTHING_KEPT, 1..12),
        seed in any::<u64>(),
    ) {
        let choice = Choice { at_most: 120, seed };
        let mut findings = explore(&messages, choice.orders(messages.len()));
        orders::shorten(&messages, Rules::default(), choice, &mut findings).unwrap();
        for table in &findings.tables {
            prop_assert_eq!(table.shortest.is_some(), table.contents.len() > 1);
            let Some(shortest) = &table.shortest else { continue };
            prop_assert!(shortest.contents.len() > 1);
            for left_out in &shortest.stream {
                let kept = shortest.stream.iter().filter(|position| *position != left_out);
                let rest: Vec<Message> = kept.map(|position| messages[*position].clone()).collect();
                if choice.is_all(rest.len()) {
                    let findings = explore(&rest, choice.orders(rest.len()));
                    let contents = findings.table(table.name).map_or(0, |table| table.contents.len());
                    prop_assert!(contents <= 1, "{} without {left_out}", table.name);
                }
            }
        }
    }
}
