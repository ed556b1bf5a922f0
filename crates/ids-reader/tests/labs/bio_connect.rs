//! Middleware of point-of-care devices.

use emap_ids_reader::RejectReason;
use emap_interchange::{
    InterchangeValue::{Save, Unknown},
    LabResult, ValueType,
};
use emap_test_support::messages::at;

use crate::{hl7, order, result, save, support::rejected, with_field};

const GLUCOSE: &str = "bio_connect/glucose";

#[test]
fn one_order_with_one_result() {
    let text = hl7(GLUCOSE);
    let order = &text[text.find("ORC").unwrap()..];
    assert_eq!(rejected(&format!("{text}{order}")), RejectReason::SeveralOrders(2));
    let observation = &text[text.find("OBX").unwrap()..];
    assert_eq!(rejected(&format!("{text}{observation}")), RejectReason::SeveralObservations(2));
}

#[test]
fn without_an_observation_there_is_an_empty_result() {
    let text = hl7(GLUCOSE);
    let expected = LabResult {
        test_item_coding_system: Some("BIO-CONNECT".to_owned()),
        result_time: Some(at("2024-06-10T08:33:00Z")),
        ..LabResult::default()
    };
    assert_eq!(result(text.split("OBX").next().unwrap()), expected);
}

#[test]
fn the_test_was_not_requested() {
    let found = order(&hl7(GLUCOSE));
    assert_eq!(found.requested_date_time, Unknown);
    assert_eq!(found.epic_care_order_number, Unknown);
    assert_eq!(found.order_status, None);
}

#[test]
fn a_missing_time_stays_missing() {
    let found = order(&with_field(&hl7(GLUCOSE), "OBR-14", ""));
    assert_eq!((found.status_change_time, found.order_date_time), (None, Unknown));
}

#[test]
fn texts_and_numbers() {
    let text = with_field(&with_field(&hl7(GLUCOSE), "OBX-2", "ST"), "OBX-5", "HI");
    let found = result(&text);
    assert_eq!(
        (found.mime_type, found.string_value, found.numeric_value),
        (Some(ValueType::Text), save("HI"), Unknown)
    );
    assert_eq!(result(&with_field(&hl7(GLUCOSE), "OBX-5", ">33.3")).numeric_value, Save(33.3));
}
