//! The JSON Schemas describe what we write, and the published files are the present ones.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod check;
mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::LazyLock,
};

use emap_interchange::{Message, schema, yaml};
use proptest::{prelude::*, strategy::ValueTree};
use serde_json::{Value, json};

use self::{check::check, common::message};

/// The schemas of all messages by full class name.
static SCHEMAS: LazyLock<BTreeMap<&str, Value>> = LazyLock::new(|| {
    let of = |class| serde_json::from_str(&schema::of(class).unwrap()).unwrap();
    Message::of_each_class().iter().map(|message| (message.class_name(), of(message.class_name()))).collect()
});

fn parsed(message: &Message) -> Value {
    serde_json::from_slice(&message.to_json()).unwrap()
}

proptest! {
    #[test]
    fn every_body_satisfies_the_schema_of_its_class(message in message()) {
        // Infinite numbers are texts; other numbers may be beyond what the checking parser keeps.
        let body = parsed(&message);
        prop_assert_eq!(check(&SCHEMAS[message.class_name()], &body), Ok(()), "{}", body);
    }
}

#[test]
fn every_class_is_among_the_generated_messages() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut generated = || message().new_tree(&mut runner).unwrap().current().class_name();
    let seen: BTreeSet<&str> = (0..5000).map(|_| generated()).collect();
    let all: BTreeSet<&str> = Message::of_each_class().iter().map(Message::class_name).collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), [&""; 0], "add them to tests/common");
}

#[test]
fn each_schema_accepts_its_own_class_only() {
    for message in Message::of_each_class() {
        let body = parsed(&message);
        for (class, schema) in SCHEMAS.iter() {
            assert_eq!(check(schema, &body).is_ok(), *class == message.class_name(), "{body} as {class}");
        }
    }
}

#[test]
fn only_the_class_has_to_be_there() {
    for (class, schema) in SCHEMAS.iter() {
        assert_eq!(check(schema, &json!({"@class": class})), Ok(()), "{class}");
        assert!(check(schema, &json!({})).is_err(), "{class}");
    }
}

/// What core would refuse, or take for something else than the sender meant.
#[test]
fn schemas_refuse_what_is_wrong() {
    let package = "uk.ac.ucl.rits.inform.interchange";
    let wrapper = |value: Value, status: &str| json!({"@class": format!("{package}.InterchangeValue"), "value": value, "status": status});
    let wrong = [
        ("adt.AdmitPatient", "MRN", json!("51200784")),
        ("adt.AdmitPatient", "mrn", json!(51_200_784)),
        ("adt.AdmitPatient", "recordedDateTime", json!("2027-02-14T03:12:09Z")),
        ("adt.AdmitPatient", "previousMrn", json!("51200001")),
        ("adt.AdmitPatient", "patientSex", json!("F")),
        ("adt.AdmitPatient", "patientSex", Value::Null),
        ("adt.AdmitPatient", "patientSex", json!({"value": "F", "status": "SAVE"})),
        ("adt.AdmitPatient", "patientSex", wrapper(json!("F"), "save")),
        ("adt.AdmitPatient", "patientSex", wrapper(Value::Null, "SAVE")),
        ("adt.AdmitPatient", "patientSex", wrapper(json!("F"), "IGNORE")),
        ("adt.AdmitPatient", "patientClass", wrapper(json!("I"), "SAVE")),
        ("adt.AdmitPatient", "patientBirthDate", wrapper(json!([1947, 13, 9]), "SAVE")),
        ("adt.PendingTransfer", "pendingEventType", json!("MOVE")),
        ("lab.LabOrderMsg", "labResultMsgs", json!([{"mimeType": "TEXT"}])),
        ("lab.LabOrderMsg", "labResultMsgs", json!([null])),
        (
            "lab.LabOrderMsg",
            "labResultMsgs",
            json!([{"@class": format!("{package}.lab.LabResultMsg"), "sourceSystem": "x"}]),
        ),
        ("lab.LabOrderMsg", "questions", json!({"Fasting?": 1})),
        ("visit_observations.Flowsheet", "timeValue", wrapper(json!([6]), "SAVE")),
        ("visit_observations.Flowsheet", "numericValue", wrapper(json!("high"), "SAVE")),
        ("visit_observations.WaveformMessage", "samplingRate", json!(2_147_483_648_u32)),
        ("visit_observations.WaveformMessage", "numericValues", wrapper(json!([1.0, null]), "SAVE")),
        ("ResearchOptOut", "active", Value::Null),
    ];
    for (class, property, value) in wrong {
        let class = format!("{package}.{class}");
        let body = json!({"@class": class, property: value});
        assert!(check(&SCHEMAS[class.as_str()], &body).is_err(), "{body}");
    }
}

/// A property as the schema describes it.
#[test]
fn schemas_give_meaning_and_default() {
    let order = &SCHEMAS["uk.ac.ucl.rits.inform.interchange.lab.LabOrderMsg"];
    let department = &order["properties"]["labDepartment"];
    assert_eq!(department["default"], "");
    assert_eq!(department["description"], "Department of the laboratory.");
    let flag = &order["$defs"]["LabResultMsg"]["properties"]["abnormalFlag"];
    assert_eq!(flag["default"]["status"], "DELETE");
}

#[test]
fn a_schema_is_found_by_short_and_full_name() {
    let names = schema::classes();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 38);
    let short: BTreeSet<_> = names.iter().map(|name| schema::of(name).unwrap()).collect();
    let full: BTreeSet<_> =
        Message::of_each_class().iter().map(|message| schema::of(message.class_name()).unwrap()).collect();
    assert_eq!(short, full);
    for unknown in ["", "LabResultMsg", "admitPatient", "lab.LabOrderMsg"] {
        assert_eq!(schema::of(unknown), None, "{unknown}");
    }
}

/// `emap messages schema --out docs/interchange` brings them up to date.
#[test]
fn the_published_schemas_are_the_present_ones() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/interchange");
    for class in schema::classes() {
        let file = directory.join(format!("{class}.json"));
        let published = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(published == schema::of(class).unwrap(), "{} is out of date", file.display());
    }
    let files = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
    let schemas = files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).count();
    assert_eq!(schemas, schema::classes().len(), "a schema without a message");
}

/// The code block of a language on the page about sending messages from other projects.
fn block_of_page(language: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/how-to/send-messages.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, from) = page.split_once(&format!("```{language}\n")).unwrap();
    from.split_once("\n```").unwrap().0.to_owned()
}

#[test]
fn the_message_on_the_page_for_senders_is_right() {
    let body = block_of_page("json");
    let message = Message::from_json(body.as_bytes()).unwrap();
    let value: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(check(&SCHEMAS[message.class_name()], &value), Ok(()));
    // In full, and in the order of writing: without the blanks it is what we write.
    let compact: String = body.chars().filter(|character| !character.is_whitespace()).collect();
    assert_eq!(String::from_utf8(message.to_json()).unwrap(), compact);
    assert_eq!(yaml::read(&block_of_page("yaml")), Ok(vec![message]));
}
