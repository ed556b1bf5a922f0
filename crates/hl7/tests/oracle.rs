//! Another parser reads the same structure wherever both accept a text.

use emap_hl7::{Field, Message, Segment, Separators};
use hl7_parser::message as other;
use proptest::prelude::*;

/// A text value, with escape sequences and characters beyond ASCII.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-z0-9 .:/'éß€-]{0,12}",
        1 => Just("\"\"".to_owned()),
        1 => r"[a-z]{0,3}\\[FSTRE]\\[a-z]{0,3}",
        1 => r"\\X(41|0D0A)\\",
        1 => Just(r"a\.br\b".to_owned()),
    ]
}

fn joined(
    part: impl Strategy<Value = String>,
    separator: &'static str,
    most: usize,
) -> impl Strategy<Value = String> {
    proptest::collection::vec(part, 1..=most).prop_map(move |parts| parts.join(separator))
}

fn field() -> impl Strategy<Value = String> {
    let component = joined(value(), "&", 3);
    prop_oneof![2 => Just(String::new()), 3 => joined(joined(component, "^", 4), "~", 3)]
}

fn segment() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("PID"), Just("PV1"), Just("OBX"), Just("NTE"), Just("ZPD")];
    (name, joined(field(), "|", 12)).prop_map(|(name, fields)| format!("{name}|{fields}"))
}

fn message() -> impl Strategy<Value = String> {
    let body = proptest::collection::vec(segment(), 0..12);
    (joined(field(), "|", 10), body, prop_oneof![Just("\r"), Just("\n"), Just("\r\n")]).prop_map(
        |(header, body, end)| {
            let mut lines = vec![format!("MSH|^~\\&|{header}")];
            lines.extend(body);
            lines.join(end)
        },
    )
}

/// A message with some characters deleted, doubled, replaced or swapped in.
fn mutated() -> impl Strategy<Value = String> {
    let change = (
        any::<prop::sample::Index>(),
        prop_oneof![Just('|'), Just('~'), Just('^'), Just('\\'), Just('x')],
        0..3,
    );
    (message(), proptest::collection::vec(change, 1..6)).prop_map(|(text, changes)| {
        let mut letters: Vec<char> = text.chars().collect();
        for (place, letter, kind) in changes {
            let at = place.index(letters.len());
            match kind {
                0 => letters.insert(at, letter),
                1 => letters[at] = letter,
                _ => letters.truncate(at.max(1)),
            }
        }
        letters.into_iter().collect()
    })
}

fn compare(text: &str) -> Result<(), TestCaseError> {
    let (Ok(ours), Ok(theirs)) =
        (Message::parse(text), other::Message::parse_with_lenient_newlines(text, true))
    else {
        return Ok(());
    };
    // Coinciding separators: we split first and unescape then, others see it differently.
    if ours.separators() != Separators::default() {
        return Ok(());
    }
    let theirs: Vec<_> = theirs.segments().collect();
    // The other one stops without a word at a line that it does not understand; lines of one or two characters are no
    // segments to us.
    let theirs: Vec<_> =
        theirs.into_iter().filter(|segment| segment.raw_value().chars().count() > 2).collect();
    prop_assert!(ours.segments().len() >= theirs.len());
    for (ours, theirs) in ours.segments().iter().zip(theirs) {
        compare_segment(ours, theirs)?;
    }
    Ok(())
}

fn compare_segment(ours: &Segment, theirs: &other::Segment) -> Result<(), TestCaseError> {
    prop_assert_eq!(ours.name(), theirs.name);
    let fields = ours.fields();
    for (index, theirs) in theirs.fields().enumerate() {
        // Their header fields: 1 the separator, 2 the encoding characters, like ours.
        compare_field(&fields.field(index + 1), theirs)?;
    }
    // They count a third field in a header that ends with the second.
    prop_assert!(fields.len() == theirs.fields().count() || fields.len() == 2);
    Ok(())
}

fn compare_field(ours: &Field, theirs: &other::Field) -> Result<(), TestCaseError> {
    prop_assert_eq!(ours.raw(), theirs.raw_value());
    if ours.raw() == "|" || ours.raw() == "^~\\&" {
        return Ok(());
    }
    let repetitions: Vec<_> = ours.repetitions().collect();
    let their_count = theirs.repeats().count();
    prop_assert!(repetitions.len() == their_count || ours.is_empty());
    for (ours, theirs) in repetitions.iter().zip(theirs.repeats()) {
        prop_assert_eq!(ours.raw(), theirs.raw_value());
        for (number, theirs) in theirs.components().enumerate() {
            let ours = ours.component(number + 1);
            prop_assert_eq!(ours.raw(), theirs.raw_value());
            prop_assert!(
                ours.subcomponents().count() == theirs.subcomponents().count() || ours.raw().is_empty()
            );
        }
    }
    Ok(())
}

/// The comparison would be idle if one of the two refused what was generated.
#[test]
fn both_accept_an_ordinary_message() {
    let text = "MSH|^~\\&|A|B\rPID|1||7^^^M~8||Pike&Roe^Ann";
    assert!(Message::parse(text).is_ok());
    assert!(other::Message::parse_with_lenient_newlines(text, true).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_messages(text in message()) {
        let lines = text.split(['\r', '\n']).filter(|line| !line.is_empty()).count();
        prop_assert_eq!(Message::parse(&text).map(|message| message.segments().len()), Ok(lines));
        compare(&text)?;
    }

    #[test]
    fn mutated_messages(text in mutated()) {
        compare(&text)?;
    }
}
