//! What a receiver needs: positions, acknowledgements, escapes of a writer, framing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use emap_hl7::{AckCode, AckLevel, Message, Positional, Value, acknowledgement, escaped, mllp};
use proptest::prelude::*;

const HEADER: &str = "MSH|^~\\&|A|B|C|D|20200101||ADT^A01|1|P|2.4";

fn with(line: &str) -> String {
    format!("{HEADER}\r{line}")
}

#[test]
fn null_and_empty_are_kept_apart() {
    let text = with("PV1|1|I|W|W^^|W^\"\"^\"\"|W^B|a~b^c|x&y^z|\\.spx\\");
    let message = Positional::parse(&text).unwrap();
    let at = |field, repetition, component| message.at("PV1", field, repetition, component);
    let part = |field, component| at(field, 1, component);
    assert_eq!((part(3, 1).as_deref(), part(3, 2), part(3, 3)), (Some("W"), None, None));
    assert_eq!(
        (part(4, 2).as_deref(), part(4, 3).as_deref(), part(4, 9).as_deref()),
        (Some(""), Some(""), Some(""))
    );
    assert_eq!((part(5, 2), part(5, 3)), (None, None));
    assert_eq!((part(6, 2).as_deref(), part(6, 3).as_deref()), (Some("B"), Some("")));
    assert_eq!((at(7, 1, 1).as_deref(), at(7, 1, 2).as_deref()), (Some("a"), Some("")));
    assert_eq!((at(7, 2, 2).as_deref(), at(7, 3, 1)), (Some("c"), None));
    assert_eq!((part(8, 1).as_deref(), part(8, 2).as_deref()), (Some("x"), Some("z")));
    assert_eq!(part(9, 1), None);
    assert_eq!((part(40, 1).as_deref(), part(40, 2), at(40, 2, 1)), (Some(""), None, None));
    assert_eq!(message.get("PID", 3), None);
    assert_eq!(
        (message.get("MSH", 1).as_deref(), message.get("MSH", 2).as_deref()),
        (Some("|"), Some("^~\\&"))
    );
    assert_eq!((message.raw("MSH", 9), message.fields("MSH")), ("ADT^A01", 12));
}

#[test]
fn identifiers_by_their_type() {
    let text = with("PID|1|9|77^^^H^MRN~88^^^H^MRN~5^^^^NHSNMBR||ROE\rMRG|\rZZZ");
    let message = Positional::parse(&text).unwrap();
    let pid = |types: &[&str]| message.identifier("PID", 3, types).unwrap();
    assert_eq!(pid(&["MRN"]).as_deref(), Some("77"));
    assert_eq!(pid(&["NHS", "NHSNMBR"]).as_deref(), Some("5"));
    assert_eq!(pid(&["mrn"]), None);
    assert_eq!(message.identifier("MRG", 1, &["MRN"]), Ok(None));
    assert!(message.identifier("MRG", 2, &["MRN"]).is_err());
    assert_eq!(message.identifier("ABC", 1, &["MRN"]), Ok(None));
    // A name alone is no segment that can be found.
    assert!(message.has("MRG") && !message.has("ZZZ"));
}

#[test]
fn every_line_end_and_framing() {
    for end in ["\r", "\n", "\r\n", "\r\r\n"] {
        let text = format!("\u{0b} {HEADER}{end}PID|1{end}PV1|1{end}\u{1c}\r");
        let message = Positional::parse(&text).unwrap();
        assert!(message.has("PID") && message.has("PV1"), "{end:?}");
        assert_eq!(message.get("PID", 1).as_deref(), Some("1"), "{end:?}");
    }
}

#[test]
fn what_begins_with_msh_is_read_and_nothing_else_is() {
    for text in ["", "MS", "MSH", "PID|1", "msh|^~\\&|", "MSHé^"] {
        assert!(Positional::parse(text).is_err(), "{text}");
    }
    let short = Positional::parse("MSH|").unwrap();
    assert_eq!((short.separators().component, short.fields("MSH")), (b'^', 2));
    let doubled =
        Positional::parse(&HEADER.replace("~\\&", "~\\\\&")).map(|message| message.separators()).unwrap();
    assert_eq!((doubled.escape, doubled.subcomponent), (b'\\', b'\\'));
}

#[test]
fn the_tree_is_nested_lists() {
    let message = Positional::parse("MSH|^~\\&|A\nPID|a~b^c&d||\"é\"\t\rZZZ").unwrap();
    let segments = [
        r#"[[[["MSH"]]], [[["^~\\&"]]], [[["A"]]]]"#,
        r#"[[[["PID"]]], [[["a"]], [["b"], ["c&d"]]], [[[""]]], [[["\"é\"\u0009"]]]]"#,
        r#"[[[["ZZZ"]]]]"#,
    ];
    assert_eq!(message.tree(), format!("[{}]", segments.join(", ")));
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC*", line in "[A-Z|^~&\\\\\"a-z0-9.\r\n]{0,80}", at in (0_usize..9, 0_usize..4, 0_usize..4)) {
        for text in [text, with(&line), format!("MSH{line}")] {
            if let Ok(message) = Positional::parse(&text) {
                for segment in ["MSH", "PID", "A"] {
                    let _ = message.at(segment, at.0, at.1, at.2);
                    let _ = message.identifier(segment, at.0, &["MRN"]);
                }
                let ack = acknowledgement(&message, (AckCode::Accept, AckLevel::Application), None, ("1", chrono::DateTime::UNIX_EPOCH));
                prop_assert!(Positional::parse(&ack).is_ok());
            }
        }
    }

    #[test]
    fn an_escaped_text_is_read_as_it_was(text in "[ -~é€]{0,40}") {
        let message = with(&format!("PID|{}|end", escaped(&text)));
        let expected = Some(text.as_str()).filter(|text| *text != "\"\"");
        let positions = Positional::parse(&message).unwrap();
        let read = positions.get("PID", 1);
        prop_assert_eq!(read.as_deref(), expected);
        let parsed = Message::parse(&message).unwrap();
        let value = parsed.segment("PID").unwrap().field(1).value();
        let three_state = if text == "\"\"" { Value::Delete } else { Value::text(&text) };
        prop_assert_eq!(value, three_state);
    }

    #[test]
    fn both_views_agree_on_plain_fields(fields in proptest::collection::vec("[a-zA-Z0-9 ]{1,8}", 1..9)) {
        let text = with(&format!("PID|{}", fields.join("|")));
        let (message, positions) = (Message::parse(&text).unwrap(), Positional::parse(&text).unwrap());
        for number in 1..=fields.len() {
            let value = message.segment("PID").unwrap().field(number).value();
            let position = positions.get("PID", number);
            prop_assert_eq!(value.as_text().map(str::trim_end), position.as_deref().map(str::trim_end));
        }
    }

    #[test]
    fn frames_survive_every_cut(
        messages in proptest::collection::vec(proptest::collection::vec(32_u8..=255, 0..40), 0..6),
        cut in 1_usize..17,
    ) {
        let stream: Vec<u8> = messages.iter().flat_map(|message| mllp::frame(message)).collect();
        let mut deframer = mllp::Deframer::new(40);
        let mut read = Vec::new();
        for bytes in stream.chunks(cut) {
            deframer.extend(bytes);
            while let Some(message) = deframer.next_message().unwrap() {
                read.push(message);
            }
        }
        prop_assert_eq!(read, messages);
        prop_assert!(!deframer.is_inside());
    }
}
