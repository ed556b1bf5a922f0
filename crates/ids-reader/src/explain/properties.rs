//! The properties of an interchange message as paths and texts.

use std::collections::BTreeMap;

use emap_interchange::{Feature, Features, Message};
use serde_json::{Map, Value};

/// Every property of any generation that is no list or object, wrapped values as one.
pub(super) fn properties(message: &Message) -> BTreeMap<String, String> {
    properties_for(Features::ALL, message)
}

/// The properties that receivers with these features are not sent, and what they lack.
pub(super) fn not_sent(features: Features, message: &Message) -> BTreeMap<String, Feature> {
    let sent = properties_for(features, message);
    let off = Feature::ALL.iter().copied().filter(|feature| !features.has(*feature));
    off.flat_map(|feature| {
        let with_it = properties_for(features.with(feature), message).into_keys();
        with_it.filter(|path| !sent.contains_key(path)).map(move |path| (path, feature)).collect::<Vec<_>>()
    })
    .collect()
}

fn properties_for(features: Features, message: &Message) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Ok(value) = serde_json::from_slice(&message.to_json_for(features)) {
        add(&mut found, String::new(), &value);
    }
    found
}

fn add(found: &mut BTreeMap<String, String>, path: String, value: &Value) {
    match value {
        Value::Object(object) => match wrapped(object) {
            Some(text) => {
                found.insert(path, text);
            }
            None => {
                for (name, value) in object.iter().filter(|(name, _)| *name != "@class") {
                    let dot = if path.is_empty() { "" } else { "." };
                    add(found, format!("{path}{dot}{name}"), value);
                }
            }
        },
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (index, value) in list.iter().enumerate() {
                add(found, format!("{path}[{index}]"), value);
            }
        }
        other => {
            found.insert(path, other.to_string());
        }
    }
}

/// What a wrapper says, in one text; `None` for another object.
fn wrapped(object: &Map<String, Value>) -> Option<String> {
    let status = object.get("status").filter(|_| object.contains_key("value"))?.as_str()?;
    Some(match (status, &object["value"]) {
        ("SAVE", value) => value.to_string(),
        (status, Value::Null) => status.to_owned(),
        (status, value) => format!("{status} {value}"),
    })
}
