//! The main laboratory: results that are no cultures.

use emap_ids_reader::RejectReason;
use emap_interchange::{InterchangeValue::Unknown, ValueType};
use emap_test_support::messages::at;

use crate::{codes, hl7, order, orders, result, save, support::rejected, texts, with_field};

const NOTED: &str = "win_path/cancelled/06_results";

#[test]
fn every_observation_is_a_result() {
    let text = hl7(NOTED)
        .replace("NTE|1||Platelets clump in EDTA", "OBX|2|NM|PLTC^again^Winpath||9||||||P\nOBX|3|FT|COM||");
    let found = order(&text).lab_results;
    assert_eq!(codes(&found), ["PLTC", "PLTC", "COM"]);
    assert_eq!(texts(&found), ["214", "9", ""]);
}

#[test]
fn results_take_number_and_time_of_their_order() {
    let text = hl7(NOTED);
    let found = result(&text);
    assert_eq!(found.epic_care_order_number.as_deref(), Some("90010012"));
    assert_eq!(found.result_time, Some(at("2024-02-12T21:09:00Z")));
    let found = result(&with_field(&with_field(&with_field(&text, "OBR-22", ""), "OBR-2", ""), "ORC-2", ""));
    assert_eq!((found.epic_care_order_number.as_deref(), found.result_time), (Some(""), None));
    // The time of the observation itself is not read.
    assert_eq!(result(&with_field(&text, "OBX-14", "soon")), result(&text));
}

#[test]
fn the_coding_system_is_the_laboratory_s_own() {
    let found = result(&with_field(&hl7(NOTED), "OBX-3", "X^Y^wpath"));
    assert_eq!(found.test_item_coding_system.as_deref(), Some("wpath"));
    let found = result(&with_field(&hl7(NOTED), "OBX-3", "X"));
    assert_eq!(found.test_item_coding_system.as_deref(), Some(""));
}

#[test]
fn notes_belong_to_the_value_before_them() {
    let text = hl7(NOTED);
    assert_eq!(result(&text).notes, save("Platelets clump in EDTA"));
    let (before, after) = text.split_once("\nOBX").unwrap();
    let noted = format!("{before}\nNTE|1||of the order\nOBX{after}");
    assert_eq!(order(&noted), order(&text));
}

#[test]
fn codes_are_only_for_cultures() {
    let coded = with_field(&with_field(&hl7(NOTED), "OBX-2", "CE"), "OBX-5", "A^Organism");
    assert!(matches!(rejected(&coded), RejectReason::CodedValue(_)));
    for nothing in ["", "^", "^&"] {
        let empty = result(&with_field(&coded, "OBX-5", nothing));
        assert_eq!((empty.mime_type, empty.string_value), (None, Unknown), "{nothing}");
    }
}

#[test]
fn sub_ids_are_only_for_cultures() {
    let text = with_field(&hl7(NOTED), "OBX-4", "1");
    assert!(matches!(rejected(&text), RejectReason::SubIdWithoutIsolate(_)));
}

#[test]
fn numbers_that_are_none() {
    let found = result(&with_field(&hl7(NOTED), "OBX-5", "haemolysed"));
    assert_eq!((found.mime_type, found.string_value), (Some(ValueType::Numeric), save("haemolysed")));
    assert!(found.numeric_value.is_delete());
}

#[test]
fn one_wrong_order_rejects_all() {
    let text = hl7("win_path/life/05_results");
    assert_eq!(orders(&text).len(), 2);
    let second = text.replace("OBR|2|90010002", "OBR|2|9");
    assert!(matches!(rejected(&second), RejectReason::OrderNumbers(_)));
}

#[test]
fn an_order_may_have_no_result() {
    let text = hl7(NOTED);
    let (before, _) = text.split_once("\nOBX").unwrap();
    assert_eq!(order(before).lab_results, []);
}
