//! Results: numbers, texts, documents.

use emap_interchange::{
    InterchangeValue::{self, Save},
    LabOrder as Sent, LabResult as SentResult, LabResultStatus,
};
use emap_star::rows::*;

use super::messages::{at, four_results, lab, number, numbered, order, pdf, text, with_results, words};
use crate::world::World;

/// The result of a test.
fn of(world: &World, code: &str) -> LabResult {
    let tests: Vec<LabTestDefinition> = world.rows();
    let test = tests.iter().find(|test| test.test_lab_code == code).unwrap();
    let mut results: Vec<LabResult> = world.rows();
    results.retain(|row| row.lab_test_definition_id == test.lab_test_definition_id);
    assert_eq!(results.len(), 1);
    results.remove(0)
}

fn reported(results: Vec<SentResult>, time: &str) -> emap_interchange::Message {
    lab(with_results(results, order(time)))
}

#[test]
fn each_result_is_of_a_test_that_was_seen_in_the_battery() {
    let world = World::after([reported(four_results("09:00"), "09:00")]);
    assert_eq!((world.count::<LabTestDefinition>(), world.count::<LabResult>()), (4, 4));
    let tests: Vec<LabTestDefinition> = world.rows();
    assert!(tests.iter().all(|test| test.lab_provider == "WIN_PATH" && test.name.is_none()));
    assert!(tests.iter().all(|test| test.lab_department.as_deref() == Some("CHEM")));
    let elements: Vec<LabBatteryElement> = world.rows();
    assert_eq!(elements.len(), 4);
    let battery: LabBattery = world.only();
    assert!(elements.iter().all(|element| element.lab_battery_id == battery.lab_battery_id));
    assert!(elements.iter().all(|element| element.valid_from == at("09:00")));
    assert!(elements.iter().all(|element| element.stored_from == battery.stored_from));
}

#[test]
fn a_result_without_a_status_is_of_unknown_status() {
    let without = |time| SentResult { result_status: None, ..number("K", 3.4, time) };
    let mut world = World::after([reported(vec![without("09:05")], "09:00")]);
    assert_eq!(of(&world, "K").result_status.as_deref(), Some("UNKNOWN"));
    world.receive([reported(vec![number("K", 3.4, "10:05")], "10:00")]);
    world.receive([reported(vec![without("11:05")], "11:00")]);
    assert_eq!(of(&world, "K").result_status.as_deref(), Some("UNKNOWN"), "as the newest message says");
}

#[test]
fn a_number_has_ranges_operator_and_units() {
    let full = SentResult {
        reference_low: Save(3.5),
        reference_high: Save(5.1),
        result_operator: Some("<".to_owned()),
        string_value: text("not for numbers"),
        ..number("K", 3.4, "09:05")
    };
    let row = of(&World::after([reported(vec![full], "09:00")]), "K");
    assert_eq!((row.value_as_real, row.range_low, row.range_high), (Some(3.4), Some(3.5), Some(5.1)));
    assert_eq!((row.result_operator.as_deref(), row.units.as_deref()), (Some("<"), Some("mmol/L")));
    assert_eq!(
        (row.mime_type.as_deref(), row.result_status.as_deref()),
        (Some("numeric/plain"), Some("FINAL"))
    );
    assert_eq!((row.value_as_text, row.comment, row.value_as_bytes), (None, None, None));
    assert_eq!((row.valid_from, row.result_last_modified_datetime), (at("09:00"), Some(at("09:05"))));
}

#[test]
fn a_text_has_a_comment_and_nothing_of_a_number() {
    let full = SentResult {
        notes: text("phoned to the ward"),
        result_operator: Some("<".to_owned()),
        ..words("NOTE", "slightly\nhaemolysed", "09:00")
    };
    let row = of(&World::after([reported(vec![full], "09:00")]), "NOTE");
    assert_eq!(row.value_as_text.as_deref(), Some("slightly\nhaemolysed"));
    assert_eq!(
        (row.comment.as_deref(), row.mime_type.as_deref()),
        (Some("phoned to the ward"), Some("text/plain"))
    );
    assert_eq!((row.value_as_real, row.result_operator, row.units), (None, None, None));
}

#[test]
fn what_is_told_again_later_changes_nothing() {
    let mut world = World::after([reported(four_results("09:00"), "09:00")]);
    let before = world.content();
    world.receive([reported(four_results("10:00"), "10:00"), reported(four_results("09:00"), "09:00")]);
    assert_eq!(world.content(), before);
}

/// Three messages about one order; the second and third bring new tests, a new value and no flag.
fn corrections(later: &str) -> World {
    let first = vec![SentResult { abnormal_flag: text("H"), ..number("NA", 151.0, "09:00") }];
    let second = vec![number("NA", 141.0, later), number("K", 4.5, later)];
    let third = vec![number("CL", 101.0, later)];
    World::after([
        lab(with_results(first, numbered("E1", "09:00"))),
        lab(with_results(second, numbered("E1", "10:00"))),
        lab(with_results(third, numbered("E1", "11:00"))),
    ])
}

#[test]
fn a_later_result_replaces_value_and_flag() {
    let world = corrections("10:00");
    let row = of(&world, "NA");
    assert_eq!((row.value_as_real, row.abnormal_flag), (Some(141.0), None));
    assert_eq!((row.valid_from, row.result_last_modified_datetime), (at("10:00"), Some(at("10:00"))));
    let former: LabResultAudit = world.only();
    assert_eq!((former.value_as_real, former.abnormal_flag.as_deref()), (Some(151.0), Some("H")));
    assert_eq!((former.valid_from, former.valid_until), (at("09:00"), Some(at("10:00"))));
    let order: LabOrder = world.only();
    assert_eq!(order.internal_lab_number.as_deref(), Some("E1"));
    let results: Vec<LabResult> = world.rows();
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|row| row.lab_order_id == order.lab_order_id));
}

#[test]
fn a_result_that_is_not_older_replaces_all_that_belongs_to_the_value() {
    let full = SentResult {
        reference_low: Save(3.5),
        reference_high: Save(5.1),
        result_operator: Some("<".to_owned()),
        notes: text("haemolysed"),
        ..number("K", 3.4, "09:00")
    };
    let other = SentResult {
        units: text("mEq/L"),
        reference_low: Save(3.0),
        reference_high: Save(6.0),
        notes: text("repeated"),
        result_status: Some(LabResultStatus::Corrected),
        ..number("K", 4.5, "09:00")
    };
    let row: LabResult = World::after([reported(vec![full], "09:00"), reported(vec![other], "10:00")]).only();
    assert_eq!((row.value_as_real, row.range_low, row.range_high), (Some(4.5), Some(3.0), Some(6.0)));
    assert_eq!((row.result_operator, row.units.as_deref()), (None, Some("mEq/L")));
    assert_eq!((row.comment.as_deref(), row.result_status.as_deref()), (Some("repeated"), Some("CORRECTED")));
    assert_eq!(row.valid_from, at("09:00"), "a changed result holds from its own time on");
}

#[test]
fn an_earlier_result_changes_nothing_but_adds_tests() {
    let world = corrections("02:00");
    let row = of(&world, "NA");
    assert_eq!((row.value_as_real, row.abnormal_flag.as_deref()), (Some(151.0), Some("H")));
    assert_eq!((world.count::<LabResultAudit>(), world.count::<LabResult>()), (0, 3));
}

#[test]
fn documents_are_compared_by_content() {
    let document = |content: &[u8], time| reported(vec![pdf("REP", content, time)], time);
    let mut world = World::after([document(b"one", "09:00")]);
    let row: LabResult = world.only();
    assert_eq!(row.value_as_bytes.as_deref(), Some(b"one".as_slice()));
    assert_eq!(row.mime_type.as_deref(), Some("application/pdf"));
    world.receive([document(b"one", "10:00"), document(b"early", "08:00")]);
    assert_eq!((world.only::<LabResult>(), world.count::<LabResultAudit>()), (row, 0));
    world.receive([document(b"two", "11:00")]);
    assert_eq!(world.only::<LabResult>().value_as_bytes.as_deref(), Some(b"two".as_slice()));
    assert_eq!(world.count::<LabResultAudit>(), 1);
}

#[test]
fn a_value_of_another_type_leaves_the_former_column() {
    let world = World::after([
        reported(vec![number("K", 4.5, "09:00")], "09:00"),
        reported(vec![words("K", "see report", "10:00")], "10:00"),
    ]);
    let row: LabResult = world.only();
    assert_eq!((row.value_as_real, row.value_as_text.as_deref()), (Some(4.5), Some("see report")));
    assert_eq!(row.mime_type.as_deref(), Some("text/plain"));
}

#[test]
fn results_of_one_test_in_one_message_leave_one_former_version() {
    let twice = vec![number("K", 4.6, "10:00"), number("K", 4.7, "10:01")];
    let world = World::after([reported(vec![number("K", 4.5, "09:00")], "09:00"), reported(twice, "10:00")]);
    assert_eq!(world.only::<LabResult>().value_as_real, Some(4.7));
    assert_eq!(world.only::<LabResultAudit>().value_as_real, Some(4.5));
}

#[test]
fn a_test_belongs_to_the_department_that_was_heard_last() {
    let of_department = |department: Option<&str>, time| {
        let results = vec![number("K", 4.5, "09:00")];
        lab(Sent { lab_department: department.map(str::to_owned), ..with_results(results, order(time)) })
    };
    let mut world = World::after([of_department(Some("CHEM"), "09:00"), of_department(Some("GAS"), "08:00")]);
    let test: LabTestDefinition = world.only();
    assert_eq!((test.lab_department.as_deref(), test.valid_from), (Some("GAS"), at("08:00")));
    assert_eq!(world.only::<LabTestDefinitionAudit>().lab_department.as_deref(), Some("CHEM"));
    world.receive([of_department(None, "10:00")]);
    assert_eq!(world.only::<LabTestDefinition>().lab_department, None, "of none that is known");
}

#[test]
fn memory_and_database_agree() {
    let cleared = SentResult { units: InterchangeValue::delete(), ..number("K", 4.4, "12:00") };
    World::everywhere(&[
        reported(four_results("09:00"), "09:00"),
        reported(vec![number("NA", 141.0, "10:00"), words("K", "see report", "10:00")], "10:00"),
        reported(vec![pdf("REP", b"two", "10:30"), pdf("REP", b"three", "10:30")], "10:00"),
        reported(vec![number("NA", 99.0, "02:00"), number("MG", 0.9, "02:00")], "11:00"),
        reported(vec![cleared], "12:00"),
    ]);
}
