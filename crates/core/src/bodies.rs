//! Bodies of rejected messages go when the data of their person is removed.
//!
//! The rules note the numbers of a removed person (`etl_person_removal`), with everything else that the message does.
//! Here the bodies are looked for, outside any batch: there may be many, and large ones.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use emap_interchange::{Message, Payload};
use emap_star::{
    Rejects, SessionError,
    rows::{EtlMessageReject, EtlPersonRemoval},
};
use serde_json::Value;

/// Numbers that are looked for at a time.
const NUMBERS: usize = 200;

/// Rejects that the server searches in one statement.
const SEARCHED: u32 = 200;

/// Properties of messages that hold the numbers of a person and of a person's visits.
const PROPERTIES: [&str; 9] = [
    "mrn",
    "nhsNumber",
    "visitNumber",
    "previousMrn",
    "previousNhsNumber",
    "previousVisitNumber",
    "otherMrn",
    "otherNhsNumber",
    "otherVisitNumber",
];

/// In a body that is no JSON a shorter number is not taken for a person's: it may stand for anything.
const SHORTEST: usize = 6;

/// What became of the bodies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RemovedBodies {
    /// Numbers of removed persons that were looked for in all bodies.
    pub numbers: u64,
    /// Bodies removed.
    pub bodies: u64,
}

/// Removes the bodies of rejects that are about persons whose data was removed, and forgets the persons' numbers. Stops
/// when `goes_on`, which may pause, gives false; what is left is done the next time.
///
/// # Errors
/// When the database refuses or is lost.
pub fn remove_bodies(
    rejects: &mut Rejects,
    mut goes_on: impl FnMut() -> bool,
) -> Result<RemovedBodies, SessionError> {
    let mut removed = RemovedBodies::default();
    for part in rejects.removals()?.chunks(NUMBERS) {
        let numbers = times(part);
        let searched: Vec<&str> = numbers.keys().copied().collect();
        let mut last = None;
        loop {
            let found = rejects.search(&searched, last, SEARCHED)?;
            for id in found.found {
                // One at a time: bodies may be large.
                for reject in rejects.load(&[id])? {
                    if is_about(&reject, &numbers) {
                        rejects.remove_body(id)?;
                        removed.bodies += 1;
                    }
                }
            }
            last = found.last;
            if last.is_none() {
                break;
            }
            if !goes_on() {
                return Ok(removed);
            }
        }
        let done: Vec<_> = part.iter().map(|row| row.etl_person_removal_id).collect();
        rejects.forget_removals(&done)?;
        removed.numbers += numbers.len() as u64;
    }
    Ok(removed)
}

/// When the data under each number was removed, of several times the latest.
fn times(removals: &[EtlPersonRemoval]) -> BTreeMap<&str, DateTime<Utc>> {
    let mut times = BTreeMap::new();
    for EtlPersonRemoval { number, removed_datetime, .. } in removals {
        let time = times.entry(number.as_str()).or_insert(*removed_datetime);
        *time = (*time).max(*removed_datetime);
    }
    times
}

/// The message is about one of these persons, and not newer than the removal as far as it says.
fn is_about(reject: &EtlMessageReject, numbers: &BTreeMap<&str, DateTime<Utc>>) -> bool {
    let time = time_of(&reject.body);
    let counts =
        |number: &str| numbers.get(number).is_some_and(|removed| time.is_none_or(|time| time <= *removed));
    match serde_json::from_str::<Value>(&reject.body) {
        Ok(body) => names_one(&body, false, &counts),
        Err(_) => {
            numbers.keys().any(|number| number.chars().count() >= SHORTEST && stands_in(number, &reject.body))
        }
    }
}

/// The hospital time of a message about movements or identities. Of others it does not matter which is newer.
fn time_of(body: &str) -> Option<DateTime<Utc>> {
    match Message::from_json(body.as_bytes()).ok()?.payload {
        Payload::Adt(adt) => adt.valid_from(),
        _ => None,
    }
}

/// Whether a property of a number, at any depth, has one that counts.
fn names_one(value: &Value, is_number: bool, counts: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_number && counts(text),
        Value::Number(number) => is_number && counts(&number.to_string()),
        Value::Array(values) => values.iter().any(|value| names_one(value, is_number, counts)),
        Value::Object(properties) => properties
            .iter()
            .any(|(name, value)| names_one(value, is_number || PROPERTIES.contains(&name.as_str()), counts)),
        Value::Null | Value::Bool(_) => false,
    }
}

/// Whether a text holds a number with neither letters nor digits beside it.
fn stands_in(number: &str, text: &str) -> bool {
    let is_edge = |neighbour: Option<char>| neighbour.is_none_or(|character| !character.is_alphanumeric());
    text.match_indices(number).any(|(place, _)| {
        is_edge(text[..place].chars().next_back()) && is_edge(text[place + number.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use emap_star::{Id, Instant};

    use super::*;

    fn at(time: &str) -> Instant {
        time.parse().unwrap()
    }

    fn is_of(body: &str, number: &str) -> bool {
        let reject = EtlMessageReject::new(
            Id::new(1),
            "hl7Queue".to_owned(),
            "no reason".to_owned(),
            body.to_owned(),
            at("2031-05-01T12:00:00Z"),
        );
        is_about(&reject, &BTreeMap::from([(number, at("2031-05-01T10:00:00Z"))]))
    }

    #[test]
    fn a_message_is_of_whom_its_properties_name() {
        let result = r#"{"@class": "uk.ac.ucl.rits.inform.interchange.lab.LabOrderMsg", "mrn": "40010023",
                        "visitNumber": {"value": "7100001", "status": "SAVE"}, "epicCareOrderNumber": "9999999"}"#;
        assert!(is_of(result, "40010023"));
        assert!(is_of(result, "7100001"));
        assert!(!is_of(result, "9999999"), "the number of something else");
        assert!(!is_of(result, "4001002"));
        assert!(is_of(r#"{"@class": "of.the.Future", "patient": {"mrn": 40010023}}"#, "40010023"));
        assert!(is_of(r#"{"@class": "x.MergePatient", "mrn": "2", "previousMrn": "1"}"#, "1"));
    }

    #[test]
    fn a_newer_message_is_not_concerned() {
        let admission = |time| {
            format!(
                r#"{{"@class": "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient", "mrn": "1",
                    "recordedDateTime": "{time}"}}"#
            )
        };
        assert!(is_of(&admission("2031-05-01T10:00:00Z"), "1"));
        assert!(!is_of(&admission("2031-05-01T10:00:01Z"), "1"));
    }

    #[test]
    fn in_a_body_that_cannot_be_read_a_number_must_stand_alone_and_be_long_enough() {
        let cut = r#"{"@class": "x", "mrn": "40010023", "visitNumber": "71"#;
        assert!(is_of(cut, "40010023"));
        assert!(!is_of(cut, "4001002"));
        assert!(!is_of("PID|1||4711", "4711"));
        assert!(is_of("PID|1||471147", "471147"));
        assert!(!is_of("PID|1||A471147", "471147"));
        assert!(!is_of("", "471147"));
    }
}
