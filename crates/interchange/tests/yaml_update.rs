//! Changes to built messages, and YAML texts with more than one fault.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use emap_interchange::{
    Flowsheet, InterchangeValue, LabIsolate, LabOrder, LabResult, LabResultStatus, Message, Payload,
    Position, Problem,
    yaml::{self, Update},
};

/// Class names in full, `PKG` for the package.
fn yaml(text: &str) -> String {
    text.replace("PKG", "uk.ac.ucl.rits.inform.interchange")
}

fn update(text: &str) -> Update {
    Update::parse(&yaml(text)).unwrap()
}

fn order() -> LabOrder {
    LabOrder {
        epic_care_order_number: InterchangeValue::Save("40217".to_owned()),
        questions: [("Fasting?".to_owned(), Some("no".to_owned()))].into(),
        lab_results: vec![LabResult::default(), LabResult::default()],
        mrn: Some("60030001".to_owned()),
        lab_department: Some("North".to_owned()),
        ..LabOrder::default()
    }
}

#[test]
fn named_properties_are_replaced_as_a_whole_and_others_stay() {
    let mut changed = order();
    let text = r#"
labDepartment: South
questions: {"Pregnant?": "not asked"}
labResultMsgs:
  - "@class": "PKG.lab.LabResultMsg"
    resultStatus: FINAL
epicCareOrderNumber: {"@class": "PKG.InterchangeValue", status: DELETE, value: "40217"}
"#;
    update(text).apply(&mut changed).unwrap();
    let result = LabResult { result_status: Some(LabResultStatus::Final), ..LabResult::default() };
    let expected = LabOrder {
        epic_care_order_number: InterchangeValue::Delete(Some("40217".to_owned())),
        questions: [("Pregnant?".to_owned(), Some("not asked".to_owned()))].into(),
        lab_results: vec![result],
        lab_department: Some("South".to_owned()),
        ..order()
    };
    assert_eq!(changed, expected);
}

#[test]
fn null_is_a_value_too() {
    let mut changed = order();
    let text = "mrn:\nlabDepartment: ~\nepicCareOrderNumber: null\nquestions:\nlabResultMsgs:\n";
    update(text).apply(&mut changed).unwrap();
    assert_eq!(changed, LabOrder { lab_department: None, ..LabOrder::default() });
    let mut result = LabResult { epic_care_order_number: Some("1".to_owned()), ..LabResult::default() };
    update("epicCareOrderNumber:").apply(&mut result).unwrap();
    assert_eq!(result, LabResult::default());
}

#[test]
fn messages_and_parts_can_be_updated() {
    let mut message = Message::of(Flowsheet::default());
    update("sourceSystem: EPIC\nmrn: \"60030002\"\nlastUpdatedInstant: ignored\n")
        .apply(&mut message)
        .unwrap();
    assert_eq!(message.source_system.as_deref(), Some("EPIC"));
    let Payload::Flowsheet(flowsheet) = message.payload else { panic!("no flowsheet") };
    assert_eq!(flowsheet.mrn.as_deref(), Some("60030002"));
    let mut isolate = LabIsolate::default();
    update("isolateId: 3").apply(&mut isolate).unwrap();
    assert_eq!(isolate, LabIsolate::new(None, Some("3".to_owned())));
}

#[test]
fn what_is_no_update() {
    let fault = |text: &str| Update::parse(text).err().map(|fault| fault.position);
    for nothing in ["", "# a remark\n", "---\n", "~"] {
        assert_eq!(fault(nothing), Some(Position::Line(1)), "{nothing:?}");
    }
    assert_eq!(fault("# two\n- mrn: x\n"), Some(Position::Line(2)));
    assert_eq!(fault("\njust text"), Some(Position::Line(2)));
    assert_eq!(fault("mrn: x\n---\nmrn: y\n"), Some(Position::Line(3)));
    assert_eq!(fault("mrn: [\n"), Some(Position::Line(2)));
}

#[test]
fn all_faults_of_an_update_are_reported_with_path_and_line() {
    let text = "\
\"@class\": \"PKG.lab.LabOrderMsg\"
mrn: \"60030003\"
numLabResults: 2
orderDateTime:
  status: SAVE
  value: \"2031-05-01T10:00:00Z\"
labResultMsgs:
  - \"@class\": \"PKG.lab.LabResultMsg\"
  - \"@class\": \"PKG.lab.LabResultMsg\"
    numericValue: 4
colour:
  of: \"the tube\"
";
    let mut changed = order();
    let faults = update(text).try_on(&mut changed);
    let reported: Vec<_> = faults.iter().map(|fault| (fault.path.as_str(), fault.position)).collect();
    let expected = [
        ("@class", Position::Line(1)),
        ("orderDateTime", Position::Line(5)),
        ("labResultMsgs[1].numericValue", Position::Line(10)),
        ("colour", Position::Line(11)),
    ];
    assert_eq!(reported, expected);
    assert_eq!(faults[1].problem, Problem::ClassMissing);
    assert_eq!(faults[3].problem, Problem::UnknownProperty);
    assert_eq!(changed, LabOrder { mrn: Some("60030003".to_owned()), ..order() });
    assert_eq!(update(text).apply(&mut order()), Err(faults[0].clone()));
}

#[test]
fn a_survey_goes_on_after_faults() {
    let text = yaml(
        "\
- \"@class\": \"PKG.ResearchOptOut\"
  mrn: \"60030004\"
- \"@class\": \"PKG.ResearchOptOut\"
  numbr: 1
  active: perhaps
  lastUpdated: yesterday
- mrn: \"60030005\"
- \"@class\": \"PKG.ResearchOptIn\"
  colour: red
- nothing
- \"@class\": \"PKG.ResearchOptOut\"
  active: true
---
\"@class\": \"PKG.ResearchOptOut\"
nhsNumber: []
",
    );
    let survey = yaml::survey(&text);
    assert_eq!(survey.messages.len(), 2);
    let reported: Vec<_> = survey.faults.iter().map(ToString::to_string).collect();
    let expected = [
        "[1].numbr: unknown property (in line 4)",
        "[1].active: not true or false (in line 5)",
        "[1].lastUpdated: not an instant with seconds and zone (in line 6)",
        "[2]: \"@class\" is missing (in line 7)",
        "[3]: unknown class uk.ac.ucl.rits.inform.interchange.ResearchOptIn (in line 8)",
        "[4]: expected an object, found a text (in line 10)",
        "nhsNumber: expected a text, found a list (in line 15)",
    ];
    assert_eq!(reported, expected);
    assert_eq!(yaml::read(&text).unwrap_err(), survey.faults[0]);
}

#[test]
fn a_survey_of_what_is_no_yaml() {
    let survey = yaml::survey("- \"@class\": [\n");
    assert_eq!((survey.messages.len(), survey.faults.len()), (0, 1));
    assert!(yaml::survey("").faults.is_empty());
}
