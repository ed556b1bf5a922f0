//! What holds for every message and every input.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeSet;

use emap_interchange::{Message, yaml};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use self::common::message;

/// Well-formed values that hardly any property can take, or only just.
const ODD_VALUES: &[&str] = &[
    "null",
    "true",
    "-1",
    "-0.5",
    "0e999999999999",
    "1e400",
    "1E-400",
    "99999999999999999999",
    "8.64e15",
    "[]",
    "{}",
    "[[]]",
    "[1]",
    "[24,60]",
    "[-1,13,1]",
    "[2147483648,1,1]",
    "[262142,12,31]",
    "[0,0,0,999999999]",
    "[256]",
    r#"{"@class":7}"#,
    r#"{"@class":"uk.ac.ucl.rits.inform.interchange.InterchangeValue"}"#,
    r#""""#,
    r#"" ""#,
    r#""\u0000""#,
    r#""\ud83d\ude00""#,
    r#""-0""#,
    r#""1e3""#,
    r#""+262142-12-31T23:59:59.999999999-18:00""#,
    r#""-262143-01-01T00:00:00+18:00""#,
    r#""9999-12-31T23:59:60Z""#,
    r#""2027-01-01T00:00:00é""#,
    r#""24:00""#,
    r#""AAAA""#,
    r#""A===""#,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn json_brings_back_every_message(message in message()) {
        let body = message.to_json();
        prop_assert_eq!(Message::from_json(&body), Ok(message));
    }

    #[test]
    fn yaml_brings_back_every_message(messages in proptest::collection::vec(message(), 0..4)) {
        let text = yaml::write_sequence(&messages);
        prop_assert_eq!(yaml::read(&text), Ok(messages), "{}", text);
    }

    #[test]
    fn arbitrary_bytes_are_no_message_and_no_trouble(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Message::from_json(&body).is_err());
    }

    #[test]
    fn arbitrary_text_is_no_trouble_as_yaml(text in "(\\PC|[\\n\\t:\\-{}\\[\\]\"'!&*|> ]){0,120}") {
        let _ = yaml::read(&text);
    }

    /// Changed bytes give a message or a fault, never a panic, and no fault repeats a value.
    #[test]
    fn damaged_bodies_are_no_trouble(
        message in message(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut body = message.to_json();
        for (place, byte) in damage {
            let place = place.index(body.len());
            body[place] = byte;
        }
        if let Err(error) = Message::from_json(&body) {
            prop_assert!(error.to_string().len() < 300, "{}", error);
        }
    }

    /// A value in a place it was not made for is taken or refused; what is taken is written and read again.
    #[test]
    fn odd_values_are_no_trouble(
        message in message(),
        place in any::<prop::sample::Index>(),
        value in prop::sample::select(ODD_VALUES),
        ignored in prop::sample::select(&["messageType", "save"][..]),
    ) {
        let body = String::from_utf8(message.to_json()).unwrap();
        let colons: Vec<_> = body.match_indices("\":").map(|(index, _)| index + 2).collect();
        let place = colons[place.index(colons.len())];
        // What stood there becomes the value of a property that is read over.
        let changed = format!("{}{value},\"{ignored}\":{}", &body[..place], &body[place..]);
        if let Ok(read) = Message::from_json(changed.as_bytes()) {
            prop_assert_eq!(Message::from_json(&read.to_json()), Ok(read.clone()));
            let _ = yaml::read(&yaml::write_sequence([&read]));
        }
    }

    #[test]
    fn shortened_bodies_are_faults(message in message(), length in any::<prop::sample::Index>()) {
        let body = message.to_json();
        prop_assert!(Message::from_json(&body[..length.index(body.len())]).is_err());
    }

    #[test]
    fn damaged_yaml_is_no_trouble(
        message in message(),
        place in any::<prop::sample::Index>(),
        inserted in "[\\PC\\n]{1,3}",
    ) {
        let text = yaml::write_sequence([&message]);
        let mut place = place.index(text.len());
        while !text.is_char_boundary(place) {
            place -= 1;
        }
        let _ = yaml::read(&format!("{}{inserted}{}", &text[..place], &text[place..]));
    }
}

/// The tests above see messages of every class.
#[test]
fn arbitrary_messages_are_of_every_class() {
    let mut runner = TestRunner::deterministic();
    let strategy = message();
    let mut seen = BTreeSet::new();
    for _ in 0..2000 {
        seen.insert(strategy.new_tree(&mut runner).unwrap().current().class_name());
    }
    assert_eq!(seen.len(), Message::of_each_class().len(), "{seen:?}");
}
