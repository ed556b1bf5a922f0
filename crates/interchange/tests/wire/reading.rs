//! What is accepted, and what is wrong with the rest.

use emap_interchange::{
    Adt, AdtEvent, DecodeError, InterchangeValue, LabOrder, LabResult, Message, Payload, PendingType,
    Position, Problem,
};

use crate::shorthand::{PACKAGE, save, wire};

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
fn absent_properties_have_their_defaults() {
    assert_eq!(decode("UpdatePatientInfo", ""), Ok(Adt::default()));
    let expected = AdtEvent::PendingTransfer {
        pending_event_type: Some(PendingType::Transfer),
        pending_destination: InterchangeValue::Unknown,
        hospital_service: InterchangeValue::Unknown,
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
fn faults_give_the_position_but_not_the_value() {
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

/// A lab order with only these properties besides the class.
fn decode_order(properties: &str) -> Result<LabOrder, DecodeError> {
    let body = wire(&format!(r#"{{"@class":"P.lab.LabOrderMsg",{properties}}}"#));
    Message::from_json(body.as_bytes()).map(|message| {
        let Payload::LabOrder(order) = message.payload else { panic!("no lab order") };
        *order
    })
}

#[test]
fn nulls_around_and_in_lists_and_maps() {
    let order = decode_order(r#""labResultMsgs":null,"questions":null"#).unwrap();
    assert_eq!((order.lab_results.len(), order.questions.len()), (0, 0));
    let order = decode_order(
        r#""labResultMsgs":[null,{"@class":"P.lab.LabResultMsg","labIsolate":null}],"questions":{"a":null,"b":7,"a":"x"}"#,
    )
    .unwrap();
    assert_eq!(order.lab_results, [LabResult::default()]);
    assert_eq!(order.questions["a"].as_deref(), Some("x"));
    assert_eq!(order.questions["b"].as_deref(), Some("7"));
}

#[test]
fn what_is_wrong_with_a_part_and_where() {
    let result = |content: &str| format!(r#""labResultMsgs":[{{"@class":"P.lab.LabResultMsg"}},{content}]"#);
    let cases = [
        (result("{}"), "labResultMsgs[1]", Problem::ClassMissing),
        (
            result(r#"{"@class":"P.lab.LabIsolateMsg"}"#),
            "labResultMsgs[1]",
            Problem::ClassUnknown(Some(format!("{PACKAGE}.lab.LabIsolateMsg"))),
        ),
        (
            result(r#"{"@class":"P.lab.LabResultMsg","messageType":1}"#),
            "labResultMsgs[1].messageType",
            Problem::UnknownProperty,
        ),
        (
            result(
                r#"{"@class":"P.lab.LabResultMsg","labIsolate":{"@class":"P.lab.LabIsolateMsg","sensitivities":[7]}}"#,
            ),
            "labResultMsgs[1].labIsolate.sensitivities[0]",
            Problem::Kind { expected: "an object", found: "a number" },
        ),
        (
            r#""labResultMsgs":{}"#.to_owned(),
            "labResultMsgs",
            Problem::Kind { expected: "a list", found: "an object" },
        ),
        (
            r#""questions":{"why?":["x"]}"#.to_owned(),
            "questions",
            Problem::Kind { expected: "a text", found: "a list" },
        ),
    ];
    for (properties, path, expected) in cases {
        let error = decode_order(&properties).expect_err(&properties);
        assert_eq!((error.path.as_str(), error.problem), (path, expected), "{properties}");
    }
}
