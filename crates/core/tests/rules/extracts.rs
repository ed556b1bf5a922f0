//! Two sets of fixtures speak for the hospital's databases: what hoover gives over the invented ones (`Extracts`, which its
//! tests compare with what it makes of them), and what core's rules are tested with. They must not drift apart.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use emap_interchange::{Message, yaml};
use emap_star::rows::*;
use emap_test_support::fixtures;
use serde_json::{Map, Value};

use crate::world::World;

/// Sources that only hoover reads.
const SOURCES: [&str; 2] = ["clarity", "caboodle"];

/// Class, property and state that fixtures of core have and hoover never sends, and why core is tested with them.
const EXCEPTIONS: &[(&str, &str, &str, &str)] = &[
    ("DepartmentMetadata", "sourceMessageId", "null", WITHOUT_ID),
    ("FlowsheetMetadata", "sourceMessageId", "null", WITHOUT_ID),
    (
        "FormAnswerMsg",
        "stringValue",
        "IGNORE",
        "hoover sends it for a note without text; there is none in the known part",
    ),
    ("FormMetadataMsg", "validFrom", "null", "the loader of these files fills it in, as hoover does"),
    ("FormMsg", "sourceMessageId", "null", "the loader of these files makes it"),
    ("FormQuestionMetadataMsg", "validFrom", "null", "the loader of these files fills it in, as hoover does"),
    ("LabMetadataMsg", "sourceMessageId", "null", WITHOUT_ID),
    ("LocationMetadata", "sourceMessageId", "null", WITHOUT_ID),
    ("ResearchOptOut", "sourceMessageId", "null", WITHOUT_ID),
];
const WITHOUT_ID: &str = "no rule decides by this id: it goes to the log, or into a column of a note";

/// What hoover sends, by data type.
fn sent() -> Vec<Message> {
    let mut names: Vec<_> = fs::read_dir(fixtures::path("interchange/Extracts"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names.iter().flat_map(|name| fixtures::messages(&format!("Extracts/{name}"))).collect()
}

/// What the fixtures of core's tests say of the same sources. Whether a test reads them is not for this one to say, so
/// they are not read through the record.
fn tested(directory: &Path) -> Vec<Message> {
    let mut messages = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("Extracts") {
            messages.extend(tested(&path));
        } else if path.is_file() {
            let text = fs::read_to_string(&path).unwrap();
            if SOURCES.iter().any(|source| text.contains(&format!("sourceSystem: \"{source}\""))) {
                messages.extend(yaml::read(&text).unwrap());
            }
        }
    }
    messages.retain(|message| SOURCES.map(Some).contains(&message.source_system.as_deref()));
    messages
}

#[test]
fn core_takes_all_that_hoover_sends() {
    let world = World::everywhere(&sent());
    let rejected: Vec<_> =
        world.rows::<EtlMessageReject>().into_iter().map(|reject| reject.source_id).collect();
    assert_eq!(rejected, [Some("3".to_owned())], "a department without any time");
    let rows = [
        ("ConsultMetadata", world.count::<ConsultationType>()),
        ("ConsultRequest", world.count::<ConsultationRequest>()),
        ("DepartmentMetadata", world.count::<DepartmentState>()),
        ("Flowsheet", world.count::<VisitObservation>()),
        ("FlowsheetMetadata, FlowsheetMpiMetadata", world.count::<VisitObservationType>()),
        ("Form", world.count::<FormAnswer>()),
        ("FormMetadata", world.count::<FormDefinition>()),
        ("FormQuestionMetadata", world.count::<FormQuestion>()),
        ("LabMetadata", world.count::<LabTestDefinition>() + world.count::<LabBattery>()),
        (
            "LocationMetadata, beds",
            world.rows::<BedState>().iter().filter(|now| now.valid_until.is_none()).count(),
        ),
        (
            "LocationMetadata, rooms",
            world.rows::<RoomState>().iter().filter(|now| now.valid_until.is_none()).count(),
        ),
        ("PatientAllergy, PatientInfection, PatientProblem", world.count::<PatientCondition>()),
        ("ResearchOptOut", world.rows::<Mrn>().iter().filter(|mrn| mrn.research_opt_out).count()),
    ];
    assert_eq!(rows.map(|(_, count)| count), [2, 3, 4, 4, 4, 8, 2, 8, 4, 2, 2, 7, 2], "{rows:?}");
}

/// Objects by their classes, without packages.
type Objects = BTreeMap<String, Vec<Map<String, Value>>>;

fn collect(value: Value, objects: &mut Objects) {
    match value {
        Value::Array(values) => values.into_iter().for_each(|value| collect(value, objects)),
        Value::Object(object) => {
            object.values().for_each(|value| collect(value.clone(), objects));
            if let Some(class) = object.get("@class").and_then(Value::as_str) {
                let class = class.rsplit('.').next().unwrap_or(class).to_owned();
                objects.entry(class).or_default().push(object);
            }
        }
        _ => (),
    }
}

fn objects(messages: &[Message]) -> Objects {
    let mut objects = Objects::new();
    for message in messages {
        collect(serde_json::from_slice(&message.to_json()).unwrap(), &mut objects);
    }
    objects
}

/// Whether a property is there, and what of an interchange value is to be done with it.
fn state(value: Option<&Value>) -> &str {
    match value {
        None => "absent",
        Some(Value::Null) => "null",
        Some(Value::Array(values)) if values.is_empty() => "empty",
        Some(Value::Object(object)) if object.is_empty() => "empty",
        Some(Value::Object(object)) => object.get("status").and_then(Value::as_str).unwrap_or("there"),
        Some(_) => "there",
    }
}

#[test]
fn what_core_is_tested_with_is_what_hoover_sends() {
    let (sent, tested) = (objects(&sent()), objects(&tested(&fixtures::path("interchange"))));
    let mut found = BTreeSet::new();
    for (class, of_core) in &tested {
        let of_hoover = sent.get(class).map(Vec::as_slice).unwrap_or_default();
        assert!(!of_hoover.is_empty(), "hoover sends no {class}");
        let properties: BTreeSet<&String> = of_core.iter().chain(of_hoover).flat_map(Map::keys).collect();
        for property in properties {
            let states = |objects: &[Map<String, Value>]| -> BTreeSet<String> {
                objects.iter().map(|object| state(object.get(property)).to_owned()).collect()
            };
            for state in states(of_core).difference(&states(of_hoover)) {
                found.insert((class.clone(), property.clone(), state.clone()));
            }
        }
    }
    let excepted: BTreeSet<_> = EXCEPTIONS
        .iter()
        .map(|(class, property, state, _)| ((*class).to_owned(), (*property).to_owned(), (*state).to_owned()))
        .collect();
    assert_eq!(found, excepted, "states that only fixtures of core have, and those that may be");
}
