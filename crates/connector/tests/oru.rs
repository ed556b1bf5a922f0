//! Messages with observations, to the byte.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use chrono::{TimeZone, Utc};
use chrono_tz::Tz;
use emap_connector::oru::{Configuration, OruError, Parts};
use serde_json::{Value, json};

const AT: &str = "2030-01-01T00:00:01.000Z";

fn configuration() -> Configuration {
    let masks = [("Room Air", "RA"), ("Humidified", "H{mask_percent}"), ("High Flow", "HIF{mask_percent}")];
    let masks: Vec<Value> =
        masks.iter().map(|(name, code)| json!({ "name": name, "code": code, "id": 1 })).collect();
    Configuration::read(&json!({
        "send_config": { "generate_oru_messages": true, "oxygen_masks": masks },
        "hl7_config": {
            "outgoing_sending_application": "DH|OS", "outgoing_sending_facility": "SF",
            "outgoing_receiving_application": "RA", "outgoing_receiving_facility": "RF",
            "outgoing_processing_id": "P", "outgoing_timestamp_format": "%Y%m%d%H%M%S.%L%z",
        },
    }))
    .unwrap()
}

fn observation(kind: &str, value: impl Into<Value>, unit: &str) -> Value {
    json!({
        "observation_type": kind, "observation_value": value.into(), "observation_string": null, "observation_unit": unit,
        "patient_refused": null, "score_value": 1, "measured_time": AT,
    })
}

fn data(system: &str, observations: impl Into<Value>) -> Value {
    json!({
        "patient": { "uuid": "p-1", "first_name": "A^B", "last_name": null, "dob": null, "sex": "unknown", "hospital_number": "77" },
        "encounter": { "epr_encounter_id": null },
        "observation_set": {
            "uuid": "set-1", "record_time": "2030-01-01T00:00:00.500+01:00", "score_system": system, "spo2_scale": 1,
            "observations": observations.into(),
        },
    })
}

fn message(data: &Value) -> Result<String, OruError> {
    let now = Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap();
    Ok(Parts::of(data)?.message(&configuration(), Tz::UTC, now)?.text)
}

/// OBX-3 and OBX-5 of every row, with the numbering checked.
fn rows(data: &Value) -> Vec<String> {
    let text = message(data).unwrap();
    let rows = text.split('\r').filter(|segment| segment.starts_with("OBX")).zip(1..);
    rows.map(|(segment, number)| {
        let fields: Vec<&str> = segment.split('|').collect();
        assert_eq!(fields[1], number.to_string());
        format!("{}={}", fields[3], fields[5])
    })
    .collect()
}

#[test]
fn a_sparse_message_to_the_byte() {
    let expected = [
        "MSH|^~\\&|DH\\F\\OS|SF|RA|RF|20300101000000.000+0000||ORU^R01^ORU_R01|<id>|P|2.6",
        "PID|1|p-1|77^^^^MRN||^A\\S\\B|||3",
        "OBR|1||set-1|EWS|||20291231230000.500+0000||||||||||||||||||F",
        "OBX|1|ST|ScoringSystem||NEWS2||||||F|||20291231230000.500+0000",
        "OBX|2|ST|SpO2Scale||Scale 1||||||F|||20291231230000.500+0000",
    ];
    let text = message(&data("news2", Vec::<Value>::new())).unwrap();
    let id = &format!("{:x}", md5::compute("set-1"))[..20];
    let mut expected = expected.map(str::to_owned);
    expected[0] = expected[0].replace("<id>", id);
    assert_eq!(text.split('\r').collect::<Vec<_>>(), expected);
}

#[test]
fn all_observations_of_news2_in_their_order() {
    let mut o2 = observation("o2_therapy_status", json!(6.0), "l/min");
    o2["observation_metadata"] = json!({ "mask": "Humidified", "mask_percent": 35 });
    let mut systolic = observation("systolic_blood_pressure", json!(120), "mmHg");
    systolic["observation_metadata"] = json!({ "patient_position": "sitting" });
    let mut acvpu = observation("consciousness_acvpu", Value::Null, "");
    acvpu["observation_string"] = "Alert".into();
    let mut concern = observation("nurse_concern", Value::Null, "");
    concern["observation_string"] = "pale, cold & sweaty,quiet".into();
    let mut set = data(
        "NEWS2",
        vec![
            concern,
            acvpu,
            observation("temperature", json!(37.0), "°C"),
            o2,
            observation("spo2", json!(95.5), "%"),
            systolic,
            observation("diastolic_blood_pressure", json!(79.5), "mmHg"),
            observation("respiratory_rate", json!(0), "brpm"),
            observation("heart_rate", json!("72.4"), "bpm"),
            observation("heart_rate", json!(1), "bpm"),
        ],
    );
    let members = set["observation_set"].as_object_mut().unwrap();
    members.insert("score_value".into(), 0.into());
    members.insert("obx_abnormal_flags".into(), "H&".into());
    members.insert("score_severity".into(), "low".into());
    members.insert("time_next_obs_set_due".into(), "2030-01-02T00:00:00.000Z".into());
    members.insert("mins_late".into(), (-5).into());
    let expected = [
        "ScoringSystem=NEWS2",
        "SpO2Scale=Scale 1",
        "TotalScore=0",
        "Severity=low",
        "TimeNextObsSetDue=20300102000000.000+0000",
        "MinutesLate=-5",
        "HR=72",
        "HRScore=1",
        "RR=0",
        "RRScore=1",
        "DBP=80",
        "DBPScore=1",
        "SBP=120",
        "SBPScore=1",
        "BPPOS=sitting",
        "SPO2=96",
        "SPO2Score=1",
        "O2Rate=6.0",
        "O2Delivery=H35^Humidified 35%",
        "O2Score=1",
        "TEMP=37.0",
        "TEMPScore=1",
        "ACVPU=A^Alert",
        "ACVPUScore=1",
        "NC=pale",
        "NC=cold \\T\\ sweaty",
        "NC=quiet",
    ];
    assert_eq!(rows(&set), expected);
    assert!(message(&set).unwrap().contains("|TotalScore||0|||H\\T\\|||F|||"));
}

#[test]
fn masks_with_and_without_percentage() {
    let delivery = |metadata: Value| {
        let mut o2 = observation("o2_therapy_status", json!(2), "l/min");
        o2["observation_metadata"] = metadata;
        rows(&data("MEOWS", vec![o2])).into_iter().find(|row| row.starts_with("O2Delivery"))
    };
    assert_eq!(
        delivery(json!({ "mask": "Room Air", "mask_percent": null })).unwrap(),
        "O2Delivery=RA^Room Air"
    );
    assert_eq!(delivery(json!({ "mask": "High Flow" })).unwrap(), "O2Delivery=HIF21^High Flow");
    assert_eq!(
        delivery(json!({ "mask": "High Flow", "mask_percent": 40.5 })).unwrap(),
        "O2Delivery=HIF40.5^High Flow 40.5%"
    );
    assert_eq!(delivery(json!({ "mask": "unknown" })), None);
    assert_eq!(delivery(json!({ "mask": null })), None);
}

#[test]
fn what_meows_leaves_out_leaves_no_gap() {
    let mut o2 = observation("o2_therapy_status", json!(2), "l/min");
    o2["score_value"] = Value::Null;
    let diastolic = observation("diastolic_blood_pressure", json!(80), "mmHg");
    assert_eq!(
        rows(&data("meows", vec![diastolic, o2])),
        ["ScoringSystem=MEOWS", "DBP=80", "DBPScore=1", "O2Rate=2"]
    );
}

#[test]
fn refused_and_missing_values() {
    let mut refused = observation("heart_rate", Value::Null, "bpm");
    refused["patient_refused"] = true.into();
    let mut silent = observation("respiratory_rate", Value::Null, "brpm");
    silent["patient_refused"] = false.into();
    let unscored = |kind: &str| {
        let mut observation = observation(kind, Value::Null, "u");
        observation["score_value"] = Value::Null;
        observation
    };
    let set = data(
        "MEOWS",
        vec![
            refused,
            silent,
            unscored("temperature"),
            unscored("consciousness_acvpu"),
            unscored("nurse_concern"),
            unscored("consciousness_gcs"),
        ],
    );
    assert_eq!(rows(&set), ["ScoringSystem=MEOWS", "HR=patient_refused", "HRScore=1", "TEMP=", "TEMPScore="]);
}

#[test]
fn the_coma_scale_with_its_parts() {
    let mut gcs = observation("consciousness_gcs", json!(14.0), "");
    gcs["observation_metadata"] = json!({
        "gcs_eyes": 4, "gcs_eyes_description": "Open & clear", "gcs_verbal": 5, "gcs_verbal_description": "",
        "gcs_motor": null, "gcs_motor_description": "x",
    });
    assert_eq!(
        rows(&data("MEOWS", vec![gcs])),
        ["ScoringSystem=MEOWS", "GCS-Eyes=4^Open \\T\\ clear", "GCS=14"]
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let error = |change: fn(&mut Value)| {
        let mut data = data("NEWS2", vec![observation("heart_rate", json!(70), "bpm")]);
        change(&mut data);
        message(&data).unwrap_err().to_string()
    };
    assert_eq!(
        error(|data| data["observation_set"]["score_system"] = "x".into()),
        "Unexpected score system 'x'"
    );
    assert_eq!(error(|data| data["patient"] = json!({ "a": 1 })), "Missing key: 'uuid'");
    assert_eq!(
        error(|data| data["patient"]["dob"] = "1970".into()),
        "1970 does not match expected ISO8601 format"
    );
    assert_eq!(error(|data| data["encounter"] = Value::Null), "Missing data in action: encounter");
    assert_eq!(
        error(|data| data["observation_set"]["observations"] = Value::Null),
        "'observations' is not a list"
    );
    let unscored = error(|data| {
        drop(data["observation_set"]["observations"][0].as_object_mut().unwrap().remove("score_value"));
    });
    assert_eq!(unscored, "Missing key: 'score_value'");
}
