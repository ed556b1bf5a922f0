//! Queue bodies, byte for byte, and what is accepted besides.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use chrono::{DateTime, NaiveDate};
use emap_interchange::{
    Adt, AdtEvent, DecodeError, Instant, InterchangeValue, Message, PatientClass, Payload, PendingType,
    Position, Problem,
};

const PACKAGE: &str = "uk.ac.ucl.rits.inform.interchange";

/// A body as a peer writes it, with `P` for the package, `U` and `D` for the wrappers without a value, and
/// line breaks that are not there.
const DISCHARGE: &str = r#"
{"@class":"P.adt.DischargePatient","sourceMessageId":"0000412907","sourceSystem":"EPIC",
"recordedDateTime":1775201415.000000000,"eventReasonCode":null,
"eventOccurredDateTime":1775201340.125000000,"mrn":"51200784",
"nhsNumber":"9434765870","visitNumber":"730011902",
"modeOfArrival":{"@class":"P.InterchangeValue","value":"Taxi, \"own\"","status":"SAVE"},
"ethnicGroup":U,
"fullLocationString":{"@class":"P.InterchangeValue","value":"E07^E07 BAY2^BAY2-19","status":"SAVE"},
"previousLocationString":U,
"patientBirthDate":{"@class":"P.InterchangeValue","value":[1947,3,9],"status":"SAVE"},
"patientBirthDateTime":{"@class":"P.InterchangeValue","value":-720057600.000000000,"status":"SAVE"},
"patientClass":{"@class":"P.InterchangeValue","value":"SURGICAL_ADMISSION","status":"SAVE"},
"patientDeathDateTime":D,
"patientIsAlive":{"@class":"P.InterchangeValue","value":true,"status":"SAVE"},
"patientFamilyName":{"@class":"P.InterchangeValue","value":"Ólafsdóttir","status":"SAVE"},
"patientGivenName":{"@class":"P.InterchangeValue","value":"Þóra","status":"DELETE"},
"patientMiddleName":D,"patientReligion":U,"patientSex":U,"patientTitle":U,"patientZipOrPostalCode":U,
"admissionDateTime":{"@class":"P.InterchangeValue","value":1774942920.000000000,"status":"SAVE"},
"dischargeDateTime":1775201340.000000000,"dischargeDisposition":"Home","dischargeLocation":null}
"#;

fn wire(shorthand: &str) -> String {
    let wrapper =
        |status| format!(r#"{{"@class":"{PACKAGE}.InterchangeValue","value":null,"status":"{status}"}}"#);
    let unknown = format!(":{}", wrapper("IGNORE"));
    let delete = format!(":{}", wrapper("DELETE"));
    let text: String = shorthand.lines().collect();
    text.replace("\"P.", &format!("\"{PACKAGE}.")).replace(":U", &unknown).replace(":D", &delete)
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}

fn discharge() -> Message {
    let adt = Adt {
        recorded_date_time: Some(at("2026-04-03T07:30:15Z")),
        event_occurred_date_time: Some(at("2026-04-03T07:29:00.125Z")),
        mrn: Some("51200784".to_owned()),
        nhs_number: Some("9434765870".to_owned()),
        visit_number: Some("730011902".to_owned()),
        mode_of_arrival: save("Taxi, \"own\""),
        full_location_string: save("E07^E07 BAY2^BAY2-19"),
        patient_birth_date: InterchangeValue::Save(NaiveDate::from_ymd_opt(1947, 3, 9).unwrap()),
        patient_birth_date_time: InterchangeValue::Save(at("1947-03-09T00:00:00Z")),
        patient_class: InterchangeValue::Save(PatientClass::SurgicalAdmission),
        patient_death_date_time: InterchangeValue::Delete(None),
        patient_is_alive: InterchangeValue::Save(true),
        patient_family_name: save("Ólafsdóttir"),
        patient_given_name: InterchangeValue::Delete(Some("Þóra".to_owned())),
        patient_middle_name: InterchangeValue::Delete(None),
        event: AdtEvent::DischargePatient {
            admission_date_time: InterchangeValue::Save(at("2026-03-31T07:42:00Z")),
            discharge_date_time: Some(at("2026-04-03T07:29:00Z")),
            discharge_disposition: Some("Home".to_owned()),
            discharge_location: None,
        },
        ..Adt::default()
    };
    Message {
        source_message_id: Some("0000412907".to_owned()),
        source_system: Some("EPIC".to_owned()),
        payload: Payload::Adt(Box::new(adt)),
    }
}

/// What an ADT message says.
fn adt(message: Message) -> Adt {
    let Payload::Adt(adt) = message.payload else { panic!("{} is no ADT message", message.class_name()) };
    *adt
}

/// A body with only these properties besides the class.
fn decode(class: &str, properties: &str) -> Result<Adt, DecodeError> {
    let comma = if properties.is_empty() { "" } else { "," };
    let body = wire(&format!(r#"{{"@class":"P.adt.{class}"{comma}{properties}}}"#));
    Message::from_json(body.as_bytes()).map(adt)
}

fn problem(class: &str, properties: &str) -> (String, Problem) {
    let error = decode(class, properties).expect_err(properties);
    (error.path, error.problem)
}

#[test]
fn a_body_is_written_byte_for_byte() {
    assert_eq!(String::from_utf8(discharge().to_json()).unwrap(), wire(DISCHARGE));
}

#[test]
fn a_body_is_read() {
    assert_eq!(Message::from_json(wire(DISCHARGE).as_bytes()), Ok(discharge()));
}

#[test]
fn a_body_of_another_class_is_written_byte_for_byte() {
    let body = wire(
        r#"{"@class":"P.adt.CancelPendingTransfer","sourceMessageId":null,"sourceSystem":"ids",
"recordedDateTime":0.0,"eventReasonCode":"","eventOccurredDateTime":-2.500000000,"mrn":null,"nhsNumber":null,
"visitNumber":null,"modeOfArrival":U,"ethnicGroup":U,"fullLocationString":U,"previousLocationString":U,
"patientBirthDate":U,"patientBirthDateTime":U,"patientClass":U,"patientDeathDateTime":U,"patientIsAlive":U,
"patientFamilyName":U,"patientGivenName":U,"patientMiddleName":U,"patientReligion":U,"patientSex":U,
"patientTitle":U,"patientZipOrPostalCode":U,"pendingEventType":"TRANSFER",
"pendingDestination":{"@class":"P.InterchangeValue","value":"HDU^null^null","status":"SAVE"},
"cancelledDateTime":1775201340.000000007}"#,
    );
    let message = Message::from_json(body.as_bytes()).unwrap();
    let adt = adt(message.clone());
    assert_eq!(adt.recorded_date_time, DateTime::from_timestamp(0, 0));
    assert_eq!(adt.event_occurred_date_time, Some(at("1969-12-31T23:59:58.5Z")));
    assert_eq!(String::from_utf8(message.to_json()).unwrap(), body);
}

#[test]
fn absent_properties_have_their_defaults() {
    assert_eq!(decode("UpdatePatientInfo", ""), Ok(Adt::default()));
    let expected = AdtEvent::PendingTransfer {
        pending_event_type: Some(PendingType::Transfer),
        pending_destination: InterchangeValue::Unknown,
    };
    assert_eq!(decode("PendingTransfer", "").map(|adt| adt.event), Ok(expected));
}

#[test]
fn null_is_not_the_default() {
    let event = decode("PendingTransfer", r#""pendingEventType":null"#).unwrap().event;
    assert!(matches!(event, AdtEvent::PendingTransfer { pending_event_type: None, .. }));
    let transfer = decode("TransferPatient", r#""admissionDateTime":null"#).unwrap().event;
    assert_eq!(transfer.admission_date_time(), Some(&InterchangeValue::Unknown));
}

#[test]
fn the_class_may_stand_anywhere_and_blanks_too() {
    let body = wire(
        r#" { "mrn" : "7" , "patientIsAlive" : { "status" : "SAVE" , "value" : "TRUE" ,
 "@class" : "P.InterchangeValue" } , "@class" : "P.adt.ImpliedAdtMessage" } "#,
    );
    let adt = adt(Message::from_json(body.as_bytes()).unwrap());
    assert_eq!(adt.mrn.as_deref(), Some("7"));
    assert_eq!(adt.patient_is_alive, InterchangeValue::Save(true));
    assert_eq!(adt.event, AdtEvent::ImpliedAdtMessage);
}

#[test]
fn of_a_repeated_property_the_last_counts() {
    assert_eq!(decode("AdmitPatient", r#""mrn":"1","mrn":"2""#).unwrap().mrn.as_deref(), Some("2"));
    let repeated = wire(r#"{"@class":"P.adt.AdmitPatient","mrn":"1","@class":"P.adt.AdmitPatient"}"#);
    assert!(Message::from_json(repeated.as_bytes()).is_ok());
}

#[test]
fn some_unknown_properties_are_skipped() {
    let adt = decode("AdmitPatient", r#""messageType":["x",{"y":null}],"mrn":"1""#).unwrap();
    assert_eq!(adt.mrn.as_deref(), Some("1"));
    let wrapped = r#""patientSex":{"@class":"P.InterchangeValue","save":true,"unknown":false,"delete":0,
        "value":"F","status":"SAVE"}"#;
    assert_eq!(decode("AdmitPatient", wrapped).unwrap().patient_sex, save("F"));
}

#[test]
fn states_of_a_wrapper() {
    let cases = [
        (r#""value":"x","status":"SAVE""#, save("x")),
        (r#""status":"SAVE","value":7.50"#, save("7.50")),
        (r#""value":null,"status":"SAVE""#, InterchangeValue::Delete(None)),
        (r#""value":"x","status":"IGNORE""#, InterchangeValue::Unknown),
        (r#""status":"IGNORE""#, InterchangeValue::Unknown),
        (r#""value":"x","status":"DELETE""#, InterchangeValue::Delete(Some("x".to_owned()))),
        (r#""status":"DELETE""#, InterchangeValue::Delete(None)),
        (r#""value":"x","status":null"#, save("x")),
        (r#""value":"x""#, save("x")),
        (r#""value":"x","status":0"#, save("x")),
    ];
    for (content, expected) in cases {
        let property = format!(r#""patientSex":{{"@class":"P.InterchangeValue",{content}}}"#);
        assert_eq!(decode("AdmitPatient", &property).unwrap().patient_sex, expected, "{content}");
    }
    assert_eq!(
        decode("AdmitPatient", r#""patientSex":null"#).unwrap().patient_sex,
        InterchangeValue::Unknown
    );
}

#[test]
fn what_is_wrong_with_a_wrapper_and_where() {
    let unfit = Problem::Unfit("a known constant");
    let cases = [
        (r#""patientSex":"F""#, "patientSex", Problem::Kind { expected: "an object", found: "a text" }),
        (r#""patientSex":{"value":"F","status":"SAVE"}"#, "patientSex", Problem::ClassMissing),
        (
            r#""patientSex":{"@class":"P.InterchangeValue","status":"save"}"#,
            "patientSex.status",
            unfit.clone(),
        ),
        (r#""patientSex":{"@class":"P.InterchangeValue","status":""}"#, "patientSex.status", unfit.clone()),
        (
            r#""patientSex":{"@class":"P.InterchangeValue","state":""}"#,
            "patientSex.state",
            Problem::UnknownProperty,
        ),
        (
            r#""patientClass":{"@class":"P.InterchangeValue","value":"Inpatient","status":"SAVE"}"#,
            "patientClass.value",
            unfit,
        ),
        (
            r#""patientSex":{"@class":"P.Wrapper","status":"SAVE"}"#,
            "patientSex",
            Problem::ClassUnknown(Some(format!("{PACKAGE}.Wrapper"))),
        ),
    ];
    for (properties, path, expected) in cases {
        assert_eq!(problem("AdmitPatient", properties), (path.to_owned(), expected), "{properties}");
    }
}

#[test]
fn what_is_wrong_with_a_message() {
    let class = |name: &str| Problem::ClassUnknown(Some(name.to_owned()));
    let cases = [
        ("{}", Problem::ClassMissing),
        (r#"{"mrn":"1"}"#, Problem::ClassMissing),
        (r#"{"@class":7}"#, Problem::ClassMissing),
        (r#"{"@class":"Nonsense"}"#, class("Nonsense")),
        (r#"{"@class":"P.adt.AdtMessage"}"#, class("uk.ac.ucl.rits.inform.interchange.adt.AdtMessage")),
        (r#"{"@class":"Dr. Who <x>"}"#, Problem::ClassUnknown(None)),
        ("[]", Problem::Kind { expected: "an object", found: "a list" }),
        ("null", Problem::Kind { expected: "an object", found: "null" }),
    ];
    for (body, expected) in cases {
        let error = Message::from_json(wire(body).as_bytes()).expect_err(body);
        assert_eq!((error.problem, error.position), (expected, Position::Byte(0)), "{body}");
    }
    for body in ["", "{", "x", r#"{"@class":"P.adt.AdmitPatient"}x"#, r#"{"@class":"P.adt.AdmitPatient",}"#] {
        let error = Message::from_json(wire(body).as_bytes()).expect_err(body);
        assert!(matches!(error.problem, Problem::Syntax(_)), "{body}: {error}");
    }
    let invalid_utf8 = [wire(r#"{"@class":"P.adt.AdmitPatient","mrn":""#).as_bytes(), b"\xff\"}"].concat();
    assert!(Message::from_json(&invalid_utf8).is_err());
}

#[test]
fn an_unknown_property_is_named_if_it_is_fit_to_be() {
    assert_eq!(problem("AdmitPatient", r#""MRN":"1""#), ("MRN".to_owned(), Problem::UnknownProperty));
    let odd = problem("AdmitPatient", r#""Jane Doe, 51200784":"1""#);
    assert_eq!(odd, ("(unreadable name)".to_owned(), Problem::UnknownProperty));
    let other_class = problem("AdmitPatient", r#""previousMrn":"1""#);
    assert_eq!(other_class, ("previousMrn".to_owned(), Problem::UnknownProperty));
}

#[test]
fn faults_tell_the_place_but_not_the_value() {
    let body = wire(r#"{"@class":"P.adt.AdmitPatient","recordedDateTime":"yesterday"}"#);
    let error = Message::from_json(body.as_bytes()).unwrap_err();
    let offset = body.find("\"yesterday\"").unwrap();
    assert_eq!(error.position, Position::Byte(offset));
    let text = error.to_string();
    assert_eq!(text, format!("recordedDateTime: not an instant with seconds and zone (at byte {offset})"));
}

#[test]
fn a_long_text_is_no_trouble() {
    let name = "x".repeat(5 << 20);
    let body = decode("AdmitPatient", &format!(r#""mrn":"{name}""#)).unwrap();
    assert_eq!(body.mrn, Some(name));
    let nested = format!(r#""messageType":{}"#, "[".repeat(1_000_000));
    assert!(matches!(problem("AdmitPatient", &nested).1, Problem::Syntax(_)));
}

#[test]
fn content_is_compared_without_the_id_of_the_source() {
    let (one, mut other) = (discharge(), discharge());
    other.source_message_id = Some("0000000001".to_owned());
    assert!(one.same_content(&other));
    other.source_system = None;
    assert!(!one.same_content(&other));
}

#[test]
fn valid_from_prefers_when_it_happened() {
    let mut adt = adt(discharge());
    assert_eq!(adt.valid_from(), Some(at("2026-04-03T07:29:00.125Z")));
    adt.event_occurred_date_time = None;
    assert_eq!(adt.valid_from(), Some(at("2026-04-03T07:30:15Z")));
    adt.recorded_date_time = None;
    assert_eq!(adt.valid_from(), None);
}
