//! Whatever arrives has an outcome with a reason, and what comes after it is converted.
#![allow(clippy::unwrap_used)]

mod support;

use emap_hl7::ParseError;
use emap_ids_reader::{Conversion, ConversionOutcome, Converter, RejectReason};
use emap_interchange::Payload;
use proptest::{prelude::*, sample::Index};

use self::support::{SOURCE_ID, adt, files, message, rejected};

/// The converter goes on with the next message as if nothing had happened.
fn assert_goes_on(converter: &mut Converter) {
    let next = converter.convert(SOURCE_ID, message(&[]).as_bytes());
    assert!(matches!(next.outcome, ConversionOutcome::Messages(_)));
}

fn convert_bytes(bytes: &[u8]) -> Conversion {
    let mut converter = support::converter();
    let conversion = converter.convert(SOURCE_ID, bytes);
    assert_goes_on(&mut converter);
    conversion
}

#[test]
fn no_message_at_all() {
    assert_eq!(rejected(""), RejectReason::Parse(ParseError::Empty));
    assert_eq!(rejected(" \r\n"), RejectReason::Parse(ParseError::Empty));
    assert_eq!(rejected("PID|1||7"), RejectReason::Parse(ParseError::NoHeader));
    assert_eq!(rejected("{\"json\": true}"), RejectReason::Parse(ParseError::NoHeader));
}

#[test]
fn truncated_anywhere() {
    let text = message(&[]);
    for length in 0..text.len() {
        let conversion = convert_bytes(&text.as_bytes()[..length]);
        // A cut that leaves whole segments looks like a short message.
        let header_length = text.find('\n').unwrap();
        if length < header_length - 3 {
            assert!(matches!(conversion.outcome, ConversionOutcome::Rejected { .. }), "{length}");
        }
    }
    assert_eq!(rejected("MSH|^~\\&|EPIC|H"), RejectReason::Truncated(11));
    assert_eq!(rejected("MSH"), RejectReason::Parse(ParseError::HeaderTruncated));
}

#[test]
fn wrong_separators() {
    assert_eq!(rejected(&message(&[("MSH-2", "^~")])), RejectReason::Parse(ParseError::BadSeparators));
    assert_eq!(rejected(&message(&[("MSH-2", "^~\\&#!")])), RejectReason::Parse(ParseError::BadSeparators));
    let mixed = message(&[]).replacen("MSH|", "MSH,", 1);
    assert_eq!(rejected(&mixed), RejectReason::Parse(ParseError::BadSeparators));
    let other_body = message(&[]).replace("\nPID|", "\nPID,");
    assert_eq!(rejected(&other_body), RejectReason::Parse(ParseError::NotASegment { line: 3 }));
}

#[test]
fn other_separators_throughout_are_fine() {
    let other: String = message(&[]).chars().map(|c| if c == '|' { '$' } else { c }).collect();
    assert_eq!(adt(&other), adt(&message(&[])));
}

#[test]
fn a_doubled_escape_character_in_the_header() {
    let doubled = message(&[("MSH-2", r"^~\\&"), ("EVN-6", r"20240105102900\r")]);
    assert_eq!(adt(&doubled), adt(&message(&[])));
}

#[test]
fn a_stray_line_break_inside_a_field() {
    let broken = message(&[("PV2-38", "Car")]).replace("Rosa", "Ro\nsa and more");
    assert_eq!(rejected(&broken), RejectReason::Parse(ParseError::NotASegment { line: 4 }));
}

#[test]
fn names_in_latin_1() {
    let text = message(&[("PID-5", "MU?OZ^Zo?")]);
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'?' { 0xd1 } else { byte }).collect();
    let ConversionOutcome::Messages(messages) = convert_bytes(&bytes).outcome else {
        panic!("not converted")
    };
    let Payload::Adt(adt) = &messages[0].payload else { panic!("no patient message") };
    assert_eq!(adt.patient_family_name.saved().map(String::as_str), Some("MUÑOZ"));
}

#[test]
fn five_mebibytes() {
    let large =
        message(&[]) + "\nOBX|1|TX|note||" + &"word ".repeat(1024 * 1024) + &"\nNTE|1||x".repeat(10_000);
    assert_eq!(adt(&large), adt(&message(&[])));
    let garbage = "x".repeat(5 * 1024 * 1024);
    assert_eq!(rejected(&garbage), RejectReason::Parse(ParseError::NoHeader));
    assert_eq!(rejected(&(message(&[]) + "\n" + &garbage)).label(), "parse");
}

#[test]
fn header_without_type_or_version() {
    for message_type in ["", "ADT", "^A01", "ADT^"] {
        assert_eq!(
            rejected(&message(&[("MSH-9", message_type)])),
            RejectReason::MessageType,
            "{message_type}"
        );
    }
    for version in ["", "3", "2.9", "two"] {
        assert_eq!(rejected(&message(&[("MSH-12", version)])), RejectReason::Version, "{version}");
    }
    adt(&message(&[("MSH-12", "2.8.1^GBR")]));
}

#[test]
fn values_of_no_data_type() {
    let with_obx = |obx: &str| message(&[]) + "\n" + obx;
    for wrong in ["OBX|1|XX|a||1", "OBX|1||a||1", "OBX|1|nm|a||~", "OBX|1|\"\"|a||1"] {
        assert_eq!(
            rejected(&with_obx(wrong)).to_string(),
            "OBX-2 (segment 6): no data type for the value",
            "{wrong}"
        );
    }
    for fine in ["OBX|1|NM|a||1", "OBX|1|XX|a||", "OBX|1||a||", "OBX|1||a||~", "OBX"] {
        assert_eq!(adt(&with_obx(fine)), adt(&message(&[])), "{fine}");
    }
}

#[test]
fn neither_hospital_number_nor_visit_number() {
    // The reader passes on what it gets; whether that is enough is for the receiver to say.
    let found = adt(&message(&[("PID-3", ""), ("PV1-19", "")]));
    assert_eq!((found.mrn, found.nhs_number, found.visit_number.as_deref()), (None, None, Some("")));
    let header_only = message(&[]).lines().next().unwrap().to_owned();
    assert_eq!(adt(&header_only).mrn, None);
}

#[test]
fn two_messages_in_one_text() {
    let twice = message(&[]) + "\n" + &message(&[]);
    assert_eq!(rejected(&twice), RejectReason::Parse(ParseError::SecondMessage { line: 6 }));
}

#[test]
fn framed_and_wrapped() {
    let expected = adt(&message(&[]));
    assert_eq!(adt(&format!("\u{b}{}\r\u{1c}\r", message(&[]))), expected);
    assert_eq!(adt(&format!("FHS|^~\\&|X\rBHS|^~\\&|X\r{}\rBTS|1\rFTS|1\r", message(&[]))), expected);
}

/// A way in which a message may be damaged between its sender and us.
#[derive(Debug, Clone, Copy)]
enum Damage {
    DropSegment,
    DoubleSegment,
    SwapSegments,
    DropField,
    CutSegment,
    CutField,
    BreakEscape,
    ForeignSeparator,
}

const DAMAGES: [Damage; 8] = [
    Damage::DropSegment,
    Damage::DoubleSegment,
    Damage::SwapSegments,
    Damage::DropField,
    Damage::CutSegment,
    Damage::CutField,
    Damage::BreakEscape,
    Damage::ForeignSeparator,
];

/// What takes the place of a separator or is put into a text.
const ODDITIES: [&str; 12] =
    ["\\", "\\X4", "\\.sp99999\\", "\\Z", "#", "$", "\"\"", "~", "^^^", "&&", "|", "é"];

impl Damage {
    /// Does it to some place of some segment.
    fn apply(self, segments: &mut Vec<String>, segment: Index, place: Index, oddity: Index) {
        if segments.is_empty() {
            return;
        }
        let (at, other) = (segment.index(segments.len()), place.index(segments.len()));
        match self {
            Self::DropSegment => drop(segments.remove(at)),
            Self::DoubleSegment => segments.insert(at, segments[at].clone()),
            Self::SwapSegments => segments.swap(at, other),
            _ => segments[at] = self.inside(&segments[at], place, oddity.get::<&str>(&ODDITIES)),
        }
    }

    /// The segment, damaged at some place.
    fn inside(self, segment: &str, place: Index, oddity: &str) -> String {
        let mut fields: Vec<&str> = segment.split('|').collect();
        let field = place.index(fields.len());
        let starts: Vec<usize> =
            segment.char_indices().map(|(start, _)| start).chain([segment.len()]).collect();
        let (before, after) = segment.split_at(*place.get(&starts));
        match self {
            Self::CutSegment => return before.to_owned(),
            Self::BreakEscape => return format!("{before}{oddity}{after}"),
            Self::ForeignSeparator => return segment.replace('|', oddity),
            Self::DropField => drop(fields.remove(field)),
            _ => fields[field] = fields[field].get(..fields[field].len() / 2).unwrap_or_default(),
        }
        fields.join("|")
    }
}

/// Parts of the patient's segment that no error may show.
fn private_parts(text: &str) -> Vec<String> {
    let patient = text.lines().filter(|line| line.starts_with("PID"));
    let words = patient.flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    let telling = |word: &&str| word.len() > 5 && !word.starts_with(|c: char| c.is_lowercase());
    words.filter(telling).map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        convert_bytes(&bytes);
        convert_bytes(&[message(&[]).as_bytes(), b"\n", &bytes].concat());
    }

    #[test]
    fn mutated_fixtures(
        file in any::<Index>(),
        changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = std::fs::read(file.get(&files::of_all_families())).unwrap();
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if let ConversionOutcome::Messages(messages) = convert_bytes(&bytes).outcome {
            // What is published can be read again.
            for message in messages {
                prop_assert_eq!(emap_interchange::Message::from_json(&message.to_json()).unwrap(), message);
            }
        }
    }

    #[test]
    fn damaged_fixtures(
        file in any::<Index>(),
        damages in proptest::collection::vec(
            (prop::sample::select(&DAMAGES[..]), any::<Index>(), any::<Index>(), any::<Index>()),
            1..4,
        ),
    ) {
        let text = std::fs::read_to_string(file.get(&files::of_all_families())).unwrap();
        let mut segments: Vec<String> = text.lines().map(str::to_owned).collect();
        for (damage, segment, place, oddity) in damages {
            damage.apply(&mut segments, segment, place, oddity);
        }
        let conversion = convert_bytes(segments.join("\r").as_bytes());
        match &conversion.outcome {
            ConversionOutcome::Messages(messages) => {
                for message in messages {
                    prop_assert_eq!(&emap_interchange::Message::from_json(&message.to_json()).unwrap(), message);
                }
            }
            ConversionOutcome::Rejected { reason } => {
                let (words, shown) = (reason.to_string(), private_parts(&text));
                prop_assert!(!words.is_empty() && !shown.iter().any(|part| words.contains(part)), "{}", words);
            }
            ConversionOutcome::Skipped { reason } => prop_assert!(!reason.to_string().is_empty()),
        }
    }

    #[test]
    fn any_field_value(value in r"[^|\r\n]{0,20}", field in 2_usize..46) {
        for segment in ["EVN", "PID", "PV1", "PV2"] {
            convert_bytes(message(&[(&format!("{segment}-{field}"), &value)]).as_bytes());
        }
    }
}
