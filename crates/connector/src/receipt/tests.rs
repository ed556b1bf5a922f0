use chrono::TimeZone;
use serde_json::{Value, json};

use super::*;

const HEADER: &str = "MSH|^~\\&|SA|SF|RA|RF|20200601120000||ADT^";

fn read(trigger: &str, rest: &str) -> Receipt {
    let text = format!("{HEADER}{trigger}|X1|P|2.3\n{}", rest.replace(" / ", "\n"));
    let now = Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap();
    let reading = Reading { zone: Tz::UTC, for_ids: false };
    reading.receipt((&text, "the-uuid", "me"), AckLevel::Application, now).unwrap()
}

/// The actions of an accepted message, by name.
fn actions(trigger: &str, rest: &str) -> Vec<(String, Value)> {
    let receipt = read(trigger, rest);
    assert_eq!(receipt.refusal, None);
    let document: Value = serde_json::from_str(&receipt.actions.unwrap()).unwrap();
    assert_eq!(document["dhos_connector_message_uuid"], "the-uuid");
    let actions = document["actions"].as_array().unwrap().iter();
    actions.map(|action| (action["name"].as_str().unwrap().to_owned(), action["data"].clone())).collect()
}

const PATIENT: &str = "PID|1||55^^^H^MRN||ROE^ALEX||19700102|M";

fn visit(place: &str, previous: &str) -> String {
    format!("PV1|1|I|{place}|||{previous}|{}V9{}20200102", "|".repeat(12), "|".repeat(25))
}

fn encounter(trigger: &str, rest: &str) -> Value {
    let mut actions = actions(trigger, rest);
    assert_eq!(actions.len(), 3);
    assert_eq!(actions[1].0, "process_location");
    let (name, data) = actions.remove(2);
    assert_eq!(name, "process_encounter");
    data
}

#[test]
fn only_the_patient_without_an_admission() {
    for rest in [
        PATIENT.to_owned(),
        format!("{PATIENT} / PV1|1|I|W"),
        format!("{PATIENT} / {}", visit("W", "").replace("20200102", "\"\"")),
    ] {
        for trigger in ["A08", "A28", "A31"] {
            let actions = actions(trigger, &rest);
            assert_eq!(actions.len(), 1);
            assert_eq!(
                actions[0].1,
                json!({
                    "first_name": "ALEX", "last_name": "ROE", "sex_sct": "248153007", "mrn": "55", "date_of_birth": "1970-01-02",
                })
            );
        }
    }
}

#[test]
fn previous_places() {
    let previous = |field: &str| {
        encounter("A02", &format!("{PATIENT} / {}", visit("W1^B^C", field))).get("previous_location").cloned()
    };
    let place = |bay: Value, bed: Value| {
        Some(json!({ "epr_ward_code": "W0", "epr_bay_code": bay, "epr_bed_code": bed }))
    };
    assert_eq!(previous("W0^B0^C0"), place("B0".into(), "C0".into()));
    assert_eq!(previous("W0^\"\"^\"\""), place(Value::Null, Value::Null));
    assert_eq!(previous("W0"), place(Value::Null, Value::Null));
    assert_eq!(previous("W0^"), place("".into(), "".into()));
    for none in ["\"\"^\"\"^\"\"", "", "^B0"] {
        assert_eq!(previous(none), None, "{none}");
    }
}

#[test]
fn what_the_trigger_says_about_the_visit() {
    let flags = ["admission_cancelled", "transfer_cancelled", "discharge_cancelled", "encounter_moved"];
    let cases = [
        ("A01", None),
        ("A03", None),
        ("A11", Some(0)),
        ("A23", Some(0)),
        ("A27", Some(0)),
        ("A38", Some(0)),
        ("A12", Some(1)),
        ("A13", Some(2)),
        ("A44", Some(3)),
    ];
    for (trigger, expected) in cases {
        let data = encounter(trigger, &format!("{PATIENT} / {}", visit("W", "")));
        let set: Vec<usize> = (0..4).filter(|&flag| data[flags[flag]] == true).collect();
        assert_eq!(set, expected.into_iter().collect::<Vec<_>>(), "{trigger}");
        assert_eq!(data["admitted_at"], "2020-01-02T00:00:00.000Z");
        assert_eq!((data.get("discharged_at"), data.get("parent_encounter_id")), (None, None));
    }
}

#[test]
fn merges() {
    let merged = actions("A34", &format!("{PATIENT} / MRG|44^^^H^MRN"));
    assert_eq!((&merged[0].1["previous_mrn"], merged[0].1.get("previous_nhs_number")), (&json!("44"), None));
    let died = PATIENT.replace("|M", &format!("|M{}20200105", "|".repeat(21)));
    let moved = format!("{died} / {}|202001030000 / MRG|44^^^H^MRN||||P7", visit("W", ""));
    let patient = actions("A35", &moved).remove(0).1;
    assert_eq!((patient.get("previous_mrn"), &patient["date_of_death"]), (None, &json!("2020-01-05")));
    let data = encounter("A35", &moved);
    assert_eq!(
        (&data["parent_encounter_id"], &data["epr_previous_location_code"]),
        (&json!("P7"), &json!(""))
    );
    assert_eq!(
        (&data["discharged_at"], &data["patient_deceased"]),
        (&json!("2020-01-03T00:00:00.000Z"), &json!(true))
    );
    assert_eq!(read("A40", &format!("{PATIENT} / MRG|")).refusal, None);
    assert_eq!(read("A34", PATIENT).refusal, Some(Refusal::Unexpected(Unexpected::Key)));
    assert_eq!(read("A34", "PID|1|2").refusal, Some(Refusal::Unexpected(Unexpected::Index)));
}

/// What is published, to the letter: the patient's action, and those of the visit with these flags, and with more members
/// before the previous place.
fn published(patient: &str, visit: Option<([bool; 4], &str, &str)>) -> String {
    let place = |name: &str, ward: &str| {
        format!(
            "\"{name}\": {{\"epr_ward_code\": \"{ward}\", \"epr_bay_code\": \"B\", \"epr_bed_code\": \"C\"}}"
        )
    };
    let patient = format!("{{\"name\": \"process_patient\", \"data\": {{{patient}}}}}");
    let visit = visit.map_or_else(String::new, |([admission, transfer, discharge, moved], more, previous)| {
        let here = place("location", "W1");
        let previous = if previous.is_empty() { String::new() } else { format!(", {}", place("previous_location", previous)) };
        format!(
            ", {{\"name\": \"process_location\", \"data\": {{{here}{previous}}}}}, \
             {{\"name\": \"process_encounter\", \"data\": {{\"epr_encounter_id\": \"V9\", {here}, \"encounter_type\": \"I\", \
             \"admitted_at\": \"2020-01-02T00:00:00.000Z\", \"admission_cancelled\": {admission}, \
             \"transfer_cancelled\": {transfer}, \"discharge_cancelled\": {discharge}, \"encounter_moved\": {moved}, \
             \"patient_deceased\": false{more}{previous}}}}}"
        )
    });
    format!("{{\"dhos_connector_message_uuid\": \"the-uuid\", \"actions\": [{patient}{visit}]}}")
}

#[test]
fn what_is_published_to_the_letter() {
    let patient = "\"first_name\": \"ALEX\", \"last_name\": \"ROE\", \"sex_sct\": \"248153007\", \"mrn\": \"55\", \
                   \"date_of_birth\": \"1970-01-02\"";
    let merged = format!("{patient}, \"previous_nhs_number\": \"99\", \"previous_mrn\": \"44\"");
    let discharged = format!("{}|202001030405", visit("W1^B^C", ""));
    let none = [false; 4];
    let cases = [
        ("A01", visit("W1^B^C", ""), published(patient, Some((none, "", "")))),
        ("A02", visit("W1^B^C", "W0^B^C"), published(patient, Some((none, "", "W0")))),
        (
            "A03",
            discharged,
            published(patient, Some((none, ", \"discharged_at\": \"2020-01-03T04:05:00.000Z\"", ""))),
        ),
        ("A12", visit("W1^B^C", "W0^B^C"), published(patient, Some(([false, true, false, false], "", "W0")))),
        ("A13", visit("W1^B^C", ""), published(patient, Some(([false, false, true, false], "", "")))),
        ("A31", "PV1|1|I|W".to_owned(), published(patient, None)),
        ("A34", "MRG|44^^^H^MRN~99^^^^NHS".to_owned(), published(&merged, None)),
        (
            "A35",
            format!("{} / MRG|44^^^H^MRN||||P7", visit("W1^B^C", "")),
            published(
                patient,
                Some((none, ", \"parent_encounter_id\": \"P7\", \"epr_previous_location_code\": \"\"", "")),
            ),
        ),
    ];
    for (trigger, rest, expected) in cases {
        let receipt = read(trigger, &format!("{PATIENT} / {rest}"));
        assert_eq!(receipt.actions.as_deref(), Some(expected.as_str()), "{trigger}");
        assert!(receipt.message.ack.unwrap().ends_with("MSA|AA|X1\r"), "{trigger}");
    }
}

#[test]
fn a_patient_needs_an_identifier_of_a_known_type() {
    let text = format!("{HEADER}A01|X1|P|2.3\r{}", PATIENT.replace("MRN", "X"));
    let message = Positional::parse(&text).unwrap();
    assert_eq!(actions::document(&message, "u", Tz::UTC), Err(Refusal::NoIdentifiers));
    assert_eq!(read("A01", &format!("{PATIENT} / PV1|1|OUTPATIENT|W")).refusal, None);
}

#[test]
fn sexes() {
    let sex = |code: &str| actions("A31", &PATIENT.replace("|M", code)).remove(0).1["sex_sct"].clone();
    assert_eq!(
        [sex("|1"), sex("|f"), sex("|4"), sex("|U"), sex("|X"), sex("|\"\""), sex("|"), sex("")],
        [
            "248153007",
            "248152002",
            "32570681000036106",
            "184115007",
            "184115007",
            "184115007",
            "184115007",
            "184115007",
        ]
    );
}

#[test]
fn the_message_store_wants_every_type() {
    let text = format!("{HEADER}A01|X1|P|2.3\r{PATIENT}").replace("ADT^A01", "ORM^O01");
    let now = Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap();
    let read = |for_ids| {
        let reading = Reading { zone: Tz::UTC, for_ids };
        reading.receipt((&text, "u", "me"), AckLevel::Commit, now).unwrap()
    };
    assert_eq!(read(false).refusal, Some(Refusal::Type("ORM".to_owned())));
    let kept = read(true);
    assert_eq!((kept.refusal, kept.actions), (None, None));
    assert!(kept.message.ack.unwrap().contains("MSA|CA|X1"));
    let row = kept.ids_row.unwrap();
    assert_eq!((row.message_type.as_deref(), row.hospital_number.as_deref()), (Some("O01"), Some("55")));
}
