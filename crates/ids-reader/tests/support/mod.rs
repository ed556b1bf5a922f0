//! Messages for tests: an ordinary one, with some fields changed.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "shared by several test binaries")]

pub mod files;

use emap_ids_reader::{Conversion, ConversionOutcome, ConvertSettings, Converter, RejectReason, SkipReason};
use emap_interchange::{Adt, Condition, Features, Generation, Message, Payload};

pub const SOURCE_ID: &str = "0000000042";

/// An admission with one of everything, from the 5th of January 2024, 10:30.
const ORDINARY: [&str; 5] = [
    "MSH|^~\\&|EPIC|NORTHGATE|||20240105103000||ADT^A01|1|P|2.4",
    "EVN|A01|20240105103000||ADT_EVENT||20240105102900",
    "PID|1||60020001^^^MRN~9990100017^^^NHS||OLIVER^Rosa||19600229|F",
    "PV1|1|I|W1^W1 Bay^W1-1||||||||||||||||5500100001",
    "PV2|",
];

/// The ordinary message with the given fields, such as `("PID-7", "1960")`, set to other text.
pub fn message(changes: &[(&str, &str)]) -> String {
    let mut segments: Vec<Vec<String>> =
        ORDINARY.iter().map(|line| line.split('|').map(str::to_owned).collect()).collect();
    for (place, text) in changes {
        let (name, number) = place.split_once('-').unwrap();
        let fields = segments.iter_mut().find(|fields| fields[0] == name).unwrap();
        let number = number.parse::<usize>().unwrap() - usize::from(name == "MSH");
        if fields.len() <= number {
            fields.resize(number + 1, String::new());
        }
        (*text).clone_into(&mut fields[number]);
    }
    segments.iter().map(|fields| fields.join("|")).collect::<Vec<_>>().join("\n")
}

/// The ordinary message for another trigger, with changes.
pub fn triggered(trigger: &str, changes: &[(&str, &str)]) -> String {
    let message_type = format!("ADT^{trigger}");
    let mut all = vec![("MSH-9", message_type.as_str())];
    all.extend_from_slice(changes);
    message(&all)
}

pub fn converter() -> Converter {
    Converter::new(ConvertSettings::default())
}

/// Of a reader whose receivers understand these features.
pub fn converter_for(features: Features) -> Converter {
    Converter::new(ConvertSettings { features, ..ConvertSettings::default() })
}

/// Of a reader whose receivers are of the latest generation.
pub fn latest() -> Converter {
    converter_for(Features::of(Generation::Latest))
}

pub fn convert(text: &str) -> Conversion {
    converter().convert(SOURCE_ID, text.as_bytes())
}

/// The messages; panics with the reason if there are none.
pub fn messages(text: &str) -> Vec<Message> {
    messages_of(convert(text))
}

fn messages_of(conversion: Conversion) -> Vec<Message> {
    match conversion.outcome {
        ConversionOutcome::Messages(messages) => messages,
        other => panic!("{other:?}"),
    }
}

/// The only message, which is about a patient.
pub fn adt(text: &str) -> Adt {
    only_adt(messages(text))
}

/// As [`adt`], for receivers of the latest generation.
pub fn latest_adt(text: &str) -> Adt {
    only_adt(messages_of(latest().convert(SOURCE_ID, text.as_bytes())))
}

fn only_adt(mut messages: Vec<Message>) -> Adt {
    assert_eq!(messages.len(), 1);
    let Payload::Adt(adt) = messages.remove(0).payload else { panic!("no patient message") };
    *adt
}

/// The ordinary message with one field changed.
pub fn adt_with(place: &str, text: &str) -> Adt {
    adt(&message(&[(place, text)]))
}

/// The messages about conditions.
pub fn conditions(text: &str) -> Vec<Condition> {
    conditions_of(&messages(text))
}

/// Those of the messages that are about conditions.
pub fn conditions_of(messages: &[Message]) -> Vec<Condition> {
    let conditions = messages.iter().filter_map(|message| match &message.payload {
        Payload::Condition(condition) => Some(Condition::clone(condition)),
        _ => None,
    });
    conditions.collect()
}

/// Place and reason of each item that is left out.
pub fn left_out(text: &str) -> Vec<String> {
    let partial = convert(text).partial;
    partial.iter().map(|item| format!("{}: {}", item.place, item.reason)).collect()
}

pub fn skipped(text: &str) -> SkipReason {
    match convert(text).outcome {
        ConversionOutcome::Skipped { reason } => reason,
        other => panic!("{other:?}"),
    }
}

pub fn rejected(text: &str) -> RejectReason {
    match convert(text).outcome {
        ConversionOutcome::Rejected { reason } => reason,
        other => panic!("{other:?}"),
    }
}
