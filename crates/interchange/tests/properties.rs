//! What holds for every message and every input.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::message;
use emap_interchange::{Message, yaml};
use proptest::prelude::*;

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
