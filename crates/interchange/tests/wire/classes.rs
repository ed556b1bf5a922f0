//! Names, order and defaults of all properties, against a table of their own.

use std::collections::{BTreeMap, BTreeSet};

use emap_interchange::{
    BedMetadata, Form, FormAnswer, LabIsolate, LabOrder, LabResult, LocationMetadata, Message, RoomMetadata,
};

use crate::shorthand::{PACKAGE, wire};

const TABLE: &str = include_str!("classes.txt");

/// What the table says: of each entry the properties with their defaults.
fn table() -> BTreeMap<&'static str, Vec<(&'static str, &'static str)>> {
    let mut entries: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let mut name = "";
    for line in TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if !line.starts_with(' ') {
            name = line;
            assert!(entries.insert(name, Vec::new()).is_none(), "{name} stands twice");
        }
        for word in line.split_whitespace().filter(|word| *word != name) {
            let properties = match word.strip_prefix('+') {
                Some(other) => entries[other].clone(),
                None => vec![word.split_once('=').unwrap()],
            };
            entries.get_mut(name).unwrap().extend(properties);
        }
    }
    entries
}

/// The object of a class with everything at the default of the table.
fn object(class: &str) -> String {
    let properties = &table()[class];
    let written: Vec<_> = properties.iter().map(|(name, value)| format!(",\"{name}\":{value}")).collect();
    wire(&format!("{{\"@class\":\"P.{class}\"{}}}", written.concat()))
}

fn short_name(message: &Message) -> &'static str {
    message.class_name().strip_prefix(PACKAGE).and_then(|name| name.strip_prefix('.')).unwrap()
}

fn body(message: &Message) -> String {
    String::from_utf8(message.to_json()).unwrap()
}

#[test]
fn every_message_is_written_in_the_order_of_the_table_with_its_defaults() {
    let messages = Message::of_each_class();
    assert_eq!(messages.len(), 38);
    for message in &messages {
        assert_eq!(body(message), object(short_name(message)));
    }
}

#[test]
fn every_part_is_written_in_the_order_of_the_table_with_its_defaults() {
    let isolate = LabResult { lab_isolate: Some(Box::default()), ..LabResult::default() };
    let order = LabOrder { lab_results: vec![LabResult::default(), isolate], ..LabOrder::default() };
    let form = Form { answers: vec![FormAnswer::default()], ..Form::default() };
    let location = LocationMetadata {
        room_metadata: Some(Box::<RoomMetadata>::default()),
        bed_metadata: Some(Box::<BedMetadata>::default()),
        ..LocationMetadata::default()
    };
    let cases = [
        (Message::of(order.clone()), "labResultMsgs\":[", LabResult::CLASS),
        (Message::of(order), "labIsolate\":", LabIsolate::CLASS),
        (Message::of(form), "formAnswerMsgs\":[", FormAnswer::CLASS),
        (Message::of(location.clone()), "roomMetadata\":", RoomMetadata::CLASS),
        (Message::of(location), "bedMetadata\":", BedMetadata::CLASS),
    ];
    for (message, property, class) in cases {
        let part = object(class.strip_prefix(PACKAGE).unwrap().trim_start_matches('.'));
        let written = body(&message);
        assert!(written.contains(&format!("\"{property}{part}")), "{class} in {written}");
        assert_eq!(Message::from_json(written.as_bytes()), Ok(message));
    }
}

#[test]
fn the_table_has_no_other_class() {
    let messages = Message::of_each_class();
    let parts = [
        "lab.LabResultMsg",
        "lab.LabIsolateMsg",
        "location.RoomMetadata",
        "location.BedMetadata",
        "form.FormAnswerMsg",
    ];
    let groups = ["base", "condition", "patient-and-visit"];
    let known: BTreeSet<_> = messages.iter().map(short_name).chain(parts).chain(groups).collect();
    assert_eq!(table().into_keys().collect::<BTreeSet<_>>(), known);
}

#[test]
fn what_is_left_out_has_its_default() {
    for message in Message::of_each_class() {
        let bare = format!("{{\"@class\":\"{}\"}}", message.class_name());
        assert_eq!(Message::from_json(bare.as_bytes()), Ok(message));
    }
    let bare_parts = wire(
        r#"{"@class":"P.lab.LabOrderMsg","labResultMsgs":[{"@class":"P.lab.LabResultMsg",
"labIsolate":{"@class":"P.lab.LabIsolateMsg"}}]}"#,
    );
    let result = LabResult { lab_isolate: Some(Box::default()), ..LabResult::default() };
    let order = LabOrder { lab_results: vec![result], ..LabOrder::default() };
    assert_eq!(Message::from_json(bare_parts.as_bytes()), Ok(Message::of(order)));
}

#[test]
fn a_part_is_no_message_of_its_own() {
    for class in
        [LabResult::CLASS, LabIsolate::CLASS, FormAnswer::CLASS, RoomMetadata::CLASS, BedMetadata::CLASS]
    {
        assert!(Message::from_json(format!("{{\"@class\":\"{class}\"}}").as_bytes()).is_err(), "{class}");
    }
}

#[test]
fn some_properties_are_read_over_where_a_peer_adds_them() {
    let ignored = [
        ("lab.LabOrderMsg", "numLabResults"),
        ("visit_observations.Flowsheet", "lastUpdatedInstant"),
        ("visit_observations.WaveformMessage", "expectedNextObservationDatetime"),
        ("visit_observations.WaveformHighFreqMessage", "expectedNextObservationDatetime"),
        ("location.DepartmentMetadata", "departmentType"),
        ("location.DepartmentMetadata", "isWardOrFlowArea"),
        ("location.DepartmentMetadata", "isCoreInpatientArea"),
        ("location.DepartmentMetadata", "siteLocation"),
    ];
    for message in Message::of_each_class() {
        let class = short_name(&message);
        let with = |name: &str| format!("{{\"@class\":\"{PACKAGE}.{class}\",\"{name}\":[3]}}");
        assert_eq!(Message::from_json(with("messageType").as_bytes()).as_ref(), Ok(&message), "{class}");
        for (_, name) in ignored {
            let read = Message::from_json(with(name).as_bytes());
            assert_eq!(read.is_ok(), ignored.contains(&(class, name)), "{class} with {name}: {read:?}");
        }
        let movement = Message::from_json(with("matchedMovementId").as_bytes());
        assert_eq!(movement.is_ok(), class.starts_with("adt."), "{class}: {movement:?}");
    }
}
