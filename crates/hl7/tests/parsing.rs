//! Structure of messages, through the public interface.
#![allow(clippy::unwrap_used)]

use emap_hl7::{HospitalZone, Message, ParseError, Precision, TimestampError, Value, decode};

const ADMISSION: &str = "MSH|^~\\&|EPIC|HOSP|||202401051030||ADT^A01|42|P|2.4\r\
    EVN|A01|202401051029\r\
    PID|1||771^^^MRN~9990001112^^^NHS||Pike&Roe^Ann^\"\"||1960\r\
    ZZZ\r\
    NK1|1|first\r\
    NK1|2|second";

fn parse(text: &str) -> Message<'_> {
    Message::parse(text).unwrap()
}

fn names(message: &Message) -> Vec<String> {
    message.segments().iter().map(|segment| segment.name().to_owned()).collect()
}

#[test]
fn header_fields_are_numbered_from_the_separator() {
    let header = parse(ADMISSION).header();
    assert_eq!(header.field(1).raw(), "|");
    assert_eq!(header.field(2).raw(), "^~\\&");
    assert!(header.field(3).value().is("EPIC"));
    assert!(header.field(9).component(2).value().is("A01"));
    assert_eq!(header.field(13).value(), Value::Absent);
    assert_eq!(header.len(), 12);
}

#[test]
fn repetitions_components_and_subcomponents() {
    let message = parse(ADMISSION);
    let pid = message.segment("PID").unwrap().fields();
    let ids: Vec<_> = pid.field(3).repetitions().map(|id| id.component(4).value()).collect();
    assert_eq!(ids, [Value::text("MRN"), Value::text("NHS")]);
    assert_eq!(pid.field(3).repetition(3).value(), Value::Absent);
    let family = pid.field(5).component(1);
    assert_eq!((family.raw(), family.subcomponent(2)), ("Pike&Roe", Value::text("Roe")));
    assert_eq!(family.whole(), Value::text("Pike&Roe"));
    assert_eq!(family.subcomponents().count(), 2);
    assert_eq!(pid.field(5).component(3).value(), Value::Delete);
    assert_eq!(pid.field(5).repetition(1).components().count(), 3);
    assert_eq!(pid.field(6).repetitions().count(), 0);
}

#[test]
fn fields_may_be_read_in_any_order() {
    let message = parse(ADMISSION);
    let pid = message.segment("PID").unwrap().fields();
    for number in [7, 1, 3, 90, 7, 2, 1] {
        let expected = match number {
            1 => "1",
            3 => "771",
            7 => "1960",
            _ => "",
        };
        assert_eq!(pid.field(number).value(), Value::text(expected), "PID-{number}");
    }
}

#[test]
fn blanks_and_separators_at_an_end_make_no_other_content() {
    let content = |line: &str| {
        let text = format!("MSH|^~\\&|A\r{line}");
        let content = parse(&text).segment("OBR").unwrap().fields().content_from(2);
        content
            .into_iter()
            .flatten()
            .flatten()
            .map(|value| value.literal().unwrap_or_default().into_owned())
            .collect::<Vec<_>>()
    };
    for same in ["OBR|1|a^b||c~d", "OBR|2| a^b^&^||c^~d~~^|^||", "OBR||a^b|~|c~d"] {
        assert_eq!(content(same), ["a", "b", "c", "d"], "{same}");
    }
    assert_eq!(content("OBR|1|^&~|"), [""; 0]);
}

#[test]
fn segments_are_found_by_name_and_place() {
    let message = parse(ADMISSION);
    let kin: Vec<_> = message.segments_named("NK1").map(|kin| (kin.ordinal(), kin.field(2).raw())).collect();
    assert_eq!(kin, [(5, "first"), (6, "second")]);
    assert!(message.segment("ZZZ").unwrap().fields().is_empty());
    assert!(message.segment("NK").is_none());
    assert!(message.segment("PV1").is_none());
}

#[test]
fn any_line_end_will_do() {
    let expected = names(&parse(ADMISSION));
    assert_eq!(expected, ["MSH", "EVN", "PID", "ZZZ", "NK1", "NK1"]);
    for end in ["\n", "\r\n", "\r\r", "\n\n", "\r\n  ", "\n\r", "\r\u{a0}\u{2003}"] {
        let text = ADMISSION.replace('\r', end) + end;
        assert_eq!(names(&parse(&text)), expected, "{end:?}");
    }
}

#[test]
fn framing_wrappers_and_scraps_are_skipped() {
    let expected = names(&parse(ADMISSION));
    for text in [
        format!("\u{b}{ADMISSION}\r\u{1c}\r"),
        format!("\u{feff}{ADMISSION}"),
        format!("\r\n {ADMISSION}"),
        format!("FHS|^~\\&|A\rBHS|^~\\&|B\r{ADMISSION}\rBTS|1\rFTS|1"),
        ADMISSION.replace("ZZZ\r", "\rZZZ\rxy\r \r"),
    ] {
        assert_eq!(names(&parse(&text)), expected, "{text:?}");
    }
}

#[test]
fn what_is_no_message_is_refused() {
    let cases = [
        ("", ParseError::Empty),
        (" \r\n\u{1c}\r", ParseError::Empty),
        ("PID|1", ParseError::NoHeader),
        ("msh|^~\\&|", ParseError::NoHeader),
        ("FHS|^~\\&|A", ParseError::Empty),
        ("FHS|^~\\&|A\rPID|1", ParseError::NoHeader),
        ("MSH", ParseError::HeaderTruncated),
        ("MSH|\rPID|1", ParseError::HeaderTruncated),
        ("MSH|^~\\|A", ParseError::BadSeparators),
        ("MSH,^~\\&|A", ParseError::BadSeparators),
        ("MSH|^~\\&|A\rPID|1\rstray end of a note", ParseError::NotASegment { line: 3 }),
        ("MSH|^~\\&|A\rétés", ParseError::NotASegment { line: 2 }),
        ("MSH|^~\\&|A\rMSH|^~\\&|B", ParseError::SecondMessage { line: 2 }),
    ];
    for (text, problem) in cases {
        assert_eq!(Message::parse(text).unwrap_err(), problem, "{text:?}");
    }
}

#[test]
fn unusual_separators() {
    let message = parse("MSH$*%!:$A$B\rPID$1$x*y%z:w$a!T!b$ADT^A01");
    let pid = message.segment("PID").unwrap().fields();
    assert!(pid.field(2).component(2).value().is("y"));
    assert!(pid.field(2).repetition(2).component(1).subcomponent(2).is("w"));
    assert!(pid.field(3).value().is("a:b"));
    assert!(pid.field(4).value().is("ADT^A01"));
}

#[test]
fn latin_1_bytes() {
    let bytes = b"MSH|^~\\&|A\rPID|Mu\xf1oz\rPV1|Ma\xc3\xb1ana";
    let text = decode(bytes);
    let message = parse(&text);
    assert!(message.segment("PID").unwrap().field(1).value().is("Muñoz"));
    assert!(message.segment("PV1").unwrap().field(1).value().is("Mañana"));
}

#[test]
fn timestamps_of_fields() {
    let message = parse("MSH|^~\\&|A\rEVN|A01|202407010830^S|\"\"||20241301^x~|20240229T");
    let evn = message.segment("EVN").unwrap().fields();
    let recorded = evn.field(2).timestamp().unwrap().unwrap();
    assert_eq!(recorded.precision(), Precision::Minute);
    assert_eq!(recorded.instant(HospitalZone::default()).to_rfc3339(), "2024-07-01T07:30:00+00:00");
    assert_eq!(evn.field(3).timestamp(), Ok(None));
    assert_eq!(evn.field(4).timestamp(), Ok(None));
    assert_eq!(evn.field(99).timestamp(), Ok(None));
    let bad = evn.field(5).timestamp().unwrap_err();
    assert_eq!((bad.problem, bad.place.ordinal, bad.place.field), (TimestampError::Date, 2, 5));
    assert_eq!(bad.to_string(), "EVN-5 (segment 2): no such date");
    assert_eq!(evn.field(6).timestamp().unwrap_err().problem, TimestampError::Form);
}

#[test]
fn a_message_of_five_mebibytes() {
    let note = "x".repeat(5 * 1024 * 1024);
    let text = format!("{ADMISSION}\rOBX|1|TX|||{note}~|F\r") + &"NTE|1||word\r".repeat(50_000);
    let message = parse(&text);
    assert_eq!(message.segment("OBX").unwrap().field(5).repetition(1).raw().len(), note.len());
    assert_eq!(message.segments_named("NTE").count(), 50_000);
}
