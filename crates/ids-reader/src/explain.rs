//! Which HL7 field each property of the interchange messages comes from.
//!
//! The message is converted once as it is, and once more for each of its parts without that part: what changes comes
//! from there. So the answer is always that of the conversion itself, for every family, with nothing to keep up to
//! date.

mod parts;
mod properties;

use std::collections::BTreeMap;

use emap_hl7::{Message as Hl7Message, decode};
use emap_interchange::{Feature, Features, Message};

use self::{
    parts::{Part, parts},
    properties::{not_sent, properties},
};
use crate::convert::{ConversionOutcome, ConvertSettings, Converter, Header};

/// How one HL7 message is converted.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What the message says it is; `None` if it is no HL7 message.
    pub header: Option<Header>,
    /// Why it gives no messages, if it gives none.
    pub nothing_because: Option<String>,
    /// The messages it gives.
    pub messages: Vec<ExplainedMessage>,
    /// Parts of the HL7 message that decide which messages it gives, and what it would give without each.
    pub decisive: Vec<(String, String)>,
}

/// One interchange message.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedMessage {
    /// Full class name.
    pub class: &'static str,
    /// Its properties that have a value, or that come from somewhere.
    pub properties: Vec<ExplainedProperty>,
}

/// One property of an interchange message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedProperty {
    /// Its path, such as `labResultMsgs[0].units`.
    pub path: String,
    /// Its value as text; `IGNORE` and `DELETE` for wrapped values that are not saved, `null` for none.
    pub value: String,
    /// The parts of the HL7 message it comes from, such as `PID-3.1`; none for constants and defaults.
    pub from: Vec<String>,
    /// The feature without which it is not sent, if that is off.
    pub off: Option<Feature>,
}

/// Converts the message, again and again with a part missing, and reports what each part was good for.
pub fn explain(settings: &ConvertSettings, source_id: &str, text: &[u8]) -> Explanation {
    let text = decode(text);
    let convert = |text: &str| Converter::new(settings.clone()).convert(source_id, text.as_bytes());
    let whole = convert(&text);
    let parsed = Hl7Message::parse(&text);
    let (ConversionOutcome::Messages(messages), Ok(parsed)) = (&whole.outcome, &parsed) else {
        let nothing_because = Some(words(&whole.outcome));
        return Explanation {
            header: whole.header,
            nothing_because,
            messages: Vec::new(),
            decisive: Vec::new(),
        };
    };
    let originals: Vec<BTreeMap<String, String>> = messages.iter().map(properties).collect();
    let mut origins = vec![BTreeMap::<String, Vec<String>>::new(); messages.len()];
    let mut decisive = Vec::new();
    for part in parts(parsed) {
        match convert(&without(parsed.raw(), &part)).outcome {
            ConversionOutcome::Messages(changed) if classes(&changed) == classes(messages) => {
                for ((changed, original), origins) in changed.iter().zip(&originals).zip(&mut origins) {
                    for path in differences(original, &properties(changed)) {
                        origins.entry(path).or_default().push(part.name.clone());
                    }
                }
            }
            other => decisive.push((part.name, words(&other))),
        }
    }
    let explained = messages.iter().zip(originals).zip(origins);
    Explanation {
        header: whole.header,
        nothing_because: None,
        messages: explained
            .map(|((message, values), origins)| {
                explained_message(settings.features, message, values, origins)
            })
            .collect(),
        decisive,
    }
}

fn without(text: &str, part: &Part) -> String {
    let (before, rest) = text.split_at(part.start);
    format!("{before}{}", &rest[part.length..])
}

fn classes(messages: &[Message]) -> Vec<&'static str> {
    messages.iter().map(Message::class_name).collect()
}

/// Paths whose values differ or that only one side has.
fn differences(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    let changed = one.iter().filter(|(path, value)| other.get(*path) != Some(value)).map(|(path, _)| path);
    changed.chain(other.keys().filter(|path| !one.contains_key(*path))).cloned().collect()
}

fn explained_message(
    features: Features,
    message: &Message,
    mut values: BTreeMap<String, String>,
    mut origins: BTreeMap<String, Vec<String>>,
) -> ExplainedMessage {
    // Properties that are only there when a part is missing say nothing about this message.
    origins.retain(|path, _| values.contains_key(path));
    values.retain(|path, value| origins.contains_key(path) || !matches!(value.as_str(), "null" | "IGNORE"));
    let mut off = not_sent(features, message);
    let properties = values.into_iter().map(|(path, value)| {
        let (from, off) = (origins.remove(&path).unwrap_or_default(), off.remove(&path));
        ExplainedProperty { path, value, from, off }
    });
    ExplainedMessage { class: message.class_name(), properties: properties.collect() }
}

fn words(outcome: &ConversionOutcome) -> String {
    match outcome {
        ConversionOutcome::Messages(messages) => {
            let short = |class: &&'static str| class.rsplit('.').next().unwrap_or_default();
            format!("gives {}", classes(messages).iter().map(short).collect::<Vec<_>>().join(", "))
        }
        ConversionOutcome::Skipped { reason } => format!("skipped: {reason}"),
        ConversionOutcome::Rejected { reason } => format!("rejected: {reason}"),
    }
}
