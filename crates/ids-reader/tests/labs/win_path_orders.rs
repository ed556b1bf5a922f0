//! The main laboratory: orders, from the ward and from the laboratory.

use emap_ids_reader::RejectReason;
use emap_interchange::{
    InterchangeValue::{Delete, Save, Unknown},
    LabOrder,
};
use emap_test_support::messages::at;

use crate::{hl7, order, save, support::rejected, with_field};

/// An order in which every field with a time has its own: OBR-6 :06, OBR-7 :07, ORC-9 :09, OBR-22 :22.
fn timed(control: &str, result_status: &str) -> String {
    let text =
        with_field(&with_field(&hl7("win_path/life/01_nw"), "ORC-1", control), "OBR-25", result_status);
    [("OBR-6", "06"), ("OBR-7", "07"), ("ORC-9", "09"), ("OBR-22", "22"), ("OBR-14", "14"), ("OBR-36", "36")]
        .iter()
        .fold(text, |text, (place, minute)| with_field(&text, place, &format!("2024011012{minute}")))
}

/// Minutes of status change, order and receipt.
fn minutes(order: &LabOrder) -> [Option<u32>; 3] {
    use chrono::Timelike;
    [
        order.status_change_time.map(|time| time.minute()),
        order.order_date_time.saved().map(Timelike::minute),
        order.sample_received_time.saved().map(Timelike::minute),
    ]
}

#[test]
fn the_control_code_says_which_time_is_which() {
    for (control, status, expected) in [
        ("NW", "", [Some(9), Some(9), None]),
        ("SN", "I", [Some(9), Some(9), None]),
        ("NA", "I", [Some(9), None, None]),
        ("CR", "", [Some(9), None, None]),
        ("CA", "X", [Some(9), None, None]),
        ("OC", "X", [Some(9), None, None]),
        ("SC", "I", [Some(22), None, Some(9)]),
        ("SC", "A", [Some(22), None, None]),
        ("RE", "F", [Some(22), None, None]),
    ] {
        let order = order(&timed(control, status));
        assert_eq!(minutes(&order), expected, "{control} {status}");
        assert_eq!(order.requested_date_time, Save(at("2024-01-10T12:06:00Z")));
        assert_eq!(order.collection_date_time, Some(at("2024-01-10T12:07:00Z")));
    }
}

#[test]
fn a_missing_time_is_rarely_replaced_by_another() {
    let without = |control: &str, place: &str| minutes(&order(&with_field(&timed(control, "I"), place, "")));
    assert_eq!(without("SC", "OBR-22"), [Some(9), None, Some(9)]);
    assert_eq!(without("SC", "ORC-9"), [Some(22), None, None]);
    for control in ["NW", "SN", "NA", "CA", "CR", "OC"] {
        assert_eq!(without(control, "ORC-9"), [None; 3], "{control}");
    }
    assert_eq!(without("RE", "OBR-22"), [None; 3]);
}

#[test]
fn the_sample_number_has_nine_characters() {
    let number = |own: &str, group: &str| {
        let text = with_field(&with_field(&hl7("win_path/life/01_nw"), "ORC-3", own), "ORC-4", group);
        order(&text).lab_specimen_number.unwrap()
    };
    assert_eq!(number("24L000117", ""), "24L000117");
    assert_eq!(number("24L0001174^x", "24Z999999"), "24L000117");
    assert_eq!(number("", "24L0001174"), "24L000117");
    for short in ["24L00011", "", "\"\""] {
        let text = with_field(&with_field(&hl7("win_path/life/01_nw"), "ORC-3", short), "ORC-4", "");
        assert!(matches!(rejected(&text), RejectReason::SpecimenNumber(_)), "{short}");
    }
    // Characters, not bytes.
    assert_eq!(number("24L00é1174", ""), "24L00é117");
}

#[test]
fn order_numbers_must_agree() {
    let text = hl7("win_path/life/01_nw");
    for (place, number) in [("OBR-2", "90010009"), ("ORC-2", ""), ("OBR-2", "")] {
        assert!(
            matches!(rejected(&with_field(&text, place, number)), RejectReason::OrderNumbers(_)),
            "{place}"
        );
    }
    let without = with_field(&with_field(&text, "OBR-2", ""), "ORC-2", "");
    assert_eq!(order(&without).epic_care_order_number, Unknown);
}

#[test]
fn a_cancelled_order_names_its_number() {
    let number = |control: &str| {
        order(&with_field(&hl7("win_path/life/01_nw"), "ORC-1", control)).epic_care_order_number
    };
    for control in ["CA", "CR", "OC"] {
        assert_eq!(number(control), Delete(Some("90010001".to_owned())), "{control}");
    }
    for control in ["NW", "SC", "SN", "NA", "RE"] {
        assert_eq!(number(control), save("90010001"), "{control}");
    }
    let nameless = with_field(&with_field(&hl7("win_path/cancelled/02_ca"), "OBR-2", ""), "ORC-2", "");
    assert_eq!(order(&nameless).epic_care_order_number, Delete(Some(String::new())));
}

#[test]
fn answers_to_orders_take_the_visit_from_the_patient() {
    let text = hl7("win_path/life/04_na").replace("\nORC", "\nPV1|1|I|||||||||||||||||9999\nORC");
    assert_eq!(order(&text).visit_number.as_deref(), Some("5500501011"));
    assert_eq!(order(&with_field(&text, "PID-18", "")).visit_number.as_deref(), Some(""));
}

fn questions(notes: &str) -> Vec<(String, String)> {
    let text = hl7("win_path/life/01_nw");
    let (before, _) = text.rsplit_once("\nNTE|1||How").unwrap();
    let found = order(&format!("{before}\n{notes}")).questions;
    found.into_iter().map(|(question, answer)| (question, answer.unwrap())).collect()
}

fn pair(question: &str, answer: &str) -> (String, String) {
    (question.to_owned(), answer.to_owned())
}

#[test]
fn questions_and_answers() {
    assert_eq!(questions("NTE|1||print label"), []);
    assert_eq!(questions("NTE|1||a: b\nNTE|2||c->d"), []);
    assert_eq!(questions("NTE|1||Details:-?pregnant"), [pair("Details", "?pregnant")]);
    assert_eq!(questions("NTE|1||Fasting?-no:-really"), [pair("Fasting", "no:really")]);
    assert_eq!(
        questions("NTE|1||remark\nNTE|2||Q:-\nNTE|3||one\nNTE|4||P?-x\nNTE|5||Q:-two"),
        [pair("Q", "one\ntwo"), pair("P", "x")]
    );
    let text = hl7("win_path/life/01_nw").replace("How many labels to print", "");
    assert!(matches!(rejected(&text), RejectReason::Question(_)));
}

#[test]
fn results_hold_no_questions() {
    let text = hl7("win_path/cancelled/06_results").replace("\nOBX", "\nNTE|1||:-answer\nNTE|2||Q:-a\nOBX");
    assert!(order(&text).questions.is_empty());
}

#[test]
fn values_in_an_order_are_no_results() {
    let text = format!("{}OBX|1|CE|X|1|a^b||||||F\n", hl7("win_path/life/01_nw"));
    assert_eq!(order(&text), order(&hl7("win_path/life/01_nw")));
}

#[test]
fn an_order_without_request() {
    let text = hl7("win_path/life/01_nw");
    let (before, after) = text.split_once("\nORC").unwrap();
    let first = format!("{before}\nORC|NW|9||24L000117\nORC{after}");
    assert!(matches!(rejected(&first), RejectReason::CollectionTime(_)));
}
