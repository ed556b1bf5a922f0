//! Messages as people write them.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use chrono::NaiveDate;
use emap_interchange::{Adt, AdtEvent, InterchangeValue, Message, Payload, Position, Problem, yaml};

const MERGE: &str = r#"
# Two numbers, one person.
"@class": "uk.ac.ucl.rits.inform.interchange.adt.MergePatient"
sourceSystem: EPIC
recordedDateTime: "2027-11-02T06:15:00.250Z"
eventOccurredDateTime: 1825136100
mrn: 51200784
visitNumber: 0123
nhsNumber: ~
eventReasonCode: No
patientIsAlive:
  value: yes
  status: SAVE
  "@class": uk.ac.ucl.rits.inform.interchange.InterchangeValue
patientBirthDate: {"@class": "uk.ac.ucl.rits.inform.interchange.InterchangeValue",
  status: "SAVE", value: "1947-03-09"}
patientTitle:
  "@class": "uk.ac.ucl.rits.inform.interchange.InterchangeValue"
  status: "DELETE"
previousMrn: "51200001"
previousMrn: "51200002"
previousNhsNumber:
"#;

fn single(text: &str) -> Adt {
    let mut messages = yaml::read(text).unwrap();
    assert_eq!(messages.len(), 1);
    let Payload::Adt(adt) = messages.remove(0).payload else { panic!("no ADT message") };
    *adt
}

fn fault(text: &str) -> (String, Problem, Position) {
    let error = yaml::read(text).unwrap_err();
    (error.path, error.problem, error.position)
}

#[test]
fn scalars_keep_their_source_text_or_mean_what_the_property_is() {
    let adt = single(MERGE);
    assert_eq!(adt.mrn.as_deref(), Some("51200784"));
    assert_eq!(adt.visit_number.as_deref(), Some("0123"));
    assert_eq!(adt.event_reason_code.as_deref(), Some("No"));
    assert_eq!(adt.nhs_number, None);
    assert_eq!(adt.recorded_date_time, Some("2027-11-02T06:15:00.250Z".parse().unwrap()));
    assert_eq!(adt.event_occurred_date_time, Some("2027-11-02T06:15:00Z".parse().unwrap()));
    assert_eq!(adt.patient_is_alive, InterchangeValue::Save(true));
    let birth = NaiveDate::from_ymd_opt(1947, 3, 9).unwrap();
    assert_eq!(adt.patient_birth_date, InterchangeValue::Save(birth));
    assert_eq!(adt.patient_title, InterchangeValue::Delete(None));
}

#[test]
fn of_a_repeated_key_the_last_counts() {
    let previous_mrn = Some("51200002".to_owned());
    assert_eq!(single(MERGE).event, AdtEvent::MergePatient { previous_mrn, previous_nhs_number: None });
}

#[test]
fn the_class_may_be_a_tag() {
    let adt = single("!<uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient>\nmrn: \"1\"\n");
    assert!(matches!(adt.event, AdtEvent::AdmitPatient { .. }));
    assert_eq!(adt.mrn.as_deref(), Some("1"));
}

#[test]
fn texts_of_several_lines() {
    let class = "\"@class\": uk.ac.ucl.rits.inform.interchange.adt.ImpliedAdtMessage\n";
    let adt = single(&format!("{class}mrn: |\n  one\n  two\nnhsNumber: \"a\\nb\"\nvisitNumber: 'it''s'\n"));
    assert_eq!(adt.mrn.as_deref(), Some("one\ntwo\n"));
    assert_eq!(adt.nhs_number.as_deref(), Some("a\nb"));
    assert_eq!(adt.visit_number.as_deref(), Some("it's"));
}

#[test]
fn several_documents_and_sequences() {
    let one = "\"@class\": uk.ac.ucl.rits.inform.interchange.adt.ImpliedAdtMessage\n";
    let text = format!("{one}---\n- {one}- {one}---\n# nothing here\n---\n[]\n");
    assert_eq!(yaml::read(&text).unwrap().len(), 3);
    for nothing in ["", "# only a remark\n", "[]", "---\n"] {
        assert_eq!(yaml::read(nothing), Ok(Vec::new()), "{nothing:?}");
    }
}

#[test]
fn faults_name_property_and_line() {
    let class = "\"@class\": \"uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient\"\n";
    let unfit = fault(&format!("- {class}- {class}  mrn: \"1\"\n\n  recordedDateTime: \"soon\"\n"));
    let instant = Problem::Unfit("an instant with seconds and zone");
    assert_eq!(unfit, ("[1].recordedDateTime".to_owned(), instant, Position::Line(5)));
    let unknown = fault(&format!("{class}mrn: x\nmrm: y\n"));
    assert_eq!(unknown, ("mrm".to_owned(), Problem::UnknownProperty, Position::Line(3)));
    let wrapper = fault(&format!("{class}patientSex:\n  value: F\n"));
    assert_eq!((wrapper.0.as_str(), wrapper.1), ("patientSex", Problem::ClassMissing));
    assert_eq!(fault("mrn: 1\n").1, Problem::ClassMissing);
    assert!(matches!(fault("a: [1\nb: }").1, Problem::Syntax(_)));
    assert!(matches!(fault(&format!("{class}mrn: &x a\nvisitNumber: *x\n")).1, Problem::Syntax(_)));
    assert_eq!(fault(&"- ".repeat(200)).1, Problem::TooDeep);
    assert!(yaml::read(&"[".repeat(10_000)).is_err());
}

#[test]
fn a_sequence_as_commands_print_it() {
    let adt = Adt { mrn: Some("51200784".to_owned()), ..Adt::default() };
    let message = Message {
        source_message_id: Some("0000000017".to_owned()),
        source_system: None,
        payload: Payload::Adt(Box::new(adt)),
    };
    let text = yaml::write_sequence([&message, &message]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "- \"@class\": \"uk.ac.ucl.rits.inform.interchange.adt.UpdatePatientInfo\"");
    assert_eq!(lines[1], "  sourceMessageId: \"0000000017\"");
    assert_eq!(lines[2], "  sourceSystem: null");
    assert_eq!(lines.len(), 2 * 27);
    assert_eq!(yaml::read(&text), Ok(vec![message.clone(), message]));
    assert_eq!(yaml::write_sequence([]), "[]\n");
}

#[test]
fn a_message_at_fault_does_not_hide_the_others() {
    let text = "\
- \"@class\": \"uk.ac.ucl.rits.inform.interchange.adt.UpdatePatientInfo\"
  mrn: \"M1\"
- \"@class\": \"uk.ac.ucl.rits.inform.interchange.adt.UpdatePatientInfo\"
  mrn: \"M2\"
  patientClass: {\"@class\": \"uk.ac.ucl.rits.inform.interchange.InterchangeValue\", status: save}
- just a text
- \"@class\": \"uk.ac.ucl.rits.inform.interchange.adt.UpdatePatientInfo\"
  mrn: \"M4\"
";
    let read = emap_interchange::yaml::read_each(text).unwrap();
    let fine: Vec<bool> = read.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, false, false, true]);
    let fault = read[1].as_ref().unwrap_err();
    assert!(fault.path.starts_with("[1].patientClass"), "{fault}");
    assert_eq!(fault.position, emap_interchange::Position::Line(5));
    assert!(emap_interchange::yaml::read(text).is_err());
}
