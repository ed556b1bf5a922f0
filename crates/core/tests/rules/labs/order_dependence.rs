//! What the order of arrival decides: the shortest streams, and the tables that end up different.

use emap_interchange::{
    InterchangeValue, LabOrder as Sent, LabResult as SentResult, LabsMetadataType::Test, Message,
};

use super::messages::{
    at, cancelled, culture, isolate, lab, named, number, numbered, order, text, with_results, words,
};
use crate::order_dependence::depending;

fn sent(results: Vec<SentResult>, time: &str) -> Message {
    lab(with_results(results, order(time)))
}

#[test]
fn what_any_message_may_fill_in_is_the_same_in_every_order() {
    let fills = |time, change: fn(&mut Sent)| {
        let mut order = numbered("E1", time);
        change(&mut order);
        lab(order)
    };
    let messages = [
        fills("09:00", |order| order.specimen_type = text("BLD")),
        fills("10:00", |order| order.sample_site = text("ARM")),
        fills("11:00", |order| {
            order.order_date_time = InterchangeValue::from_option(order.collection_date_time);
        }),
        fills("12:00", |order| {
            order.sample_received_time = InterchangeValue::from_option(order.status_change_time);
        }),
    ];
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn names_are_the_same_in_every_order() {
    let messages =
        [named(Test, "K", "Salt", "09:00"), named(Test, "K", "Potassium", "10:00"), sent(vec![], "11:00")];
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn an_order_and_its_cancellation_are_the_same_in_every_order() {
    assert_eq!(depending(&[lab(numbered("E1", "09:00")), lab(cancelled("E1", "10:00"))]), [""; 0]);
}

#[test]
fn only_newer_messages_say_how_a_sample_was_taken() {
    let taken = lab(Sent { collection_method: text("needle"), ..order("09:00") });
    assert_eq!(depending(&[taken, lab(order("10:00"))]), ["lab_sample"]);
}

#[test]
fn only_newer_messages_say_why_and_under_which_number() {
    let why = lab(Sent { clinical_information: text("fever"), ..order("09:00") });
    assert_eq!(depending(&[why, lab(order("10:00"))]), ["lab_order"]);
    assert_eq!(depending(&[lab(numbered("E1", "09:00")), lab(order("10:00"))]), ["lab_order"]);
}

#[test]
fn what_an_old_message_fills_in_dates_the_order_back() {
    let messages = [
        lab(Sent { order_date_time: InterchangeValue::Save(at("08:00")), ..order("08:00") }),
        lab(Sent { clinical_information: text("cough"), ..order("09:00") }),
        lab(Sent { clinical_information: text("fever"), ..order("10:00") }),
    ];
    // 10:00, 08:00, 09:00: the last one is older than the first and changes it all the same.
    assert_eq!(depending(&messages), ["lab_order"]);
}

#[test]
fn the_first_message_decides_the_visit() {
    let other = lab(Sent { visit_number: Some("V2".to_owned()), ..order("10:00") });
    assert_eq!(depending(&[lab(order("09:00")), other]), ["lab_order"]);
}

#[test]
fn the_last_message_decides_the_department_of_a_test() {
    let test = || vec![number("K", 4.5, "09:00")];
    let other = lab(Sent { lab_department: Some("GAS".to_owned()), ..with_results(test(), order("09:00")) });
    assert_eq!(depending(&[sent(test(), "09:00"), other]), ["lab_test_definition"]);
}

#[test]
fn a_department_may_keep_a_late_name_away() {
    let messages = [
        named(Test, "K", "Salt", "09:00"),
        named(Test, "K", "Potassium", "10:00"),
        sent(vec![number("K", 4.5, "11:00")], "11:00"),
    ];
    assert_eq!(depending(&messages), ["lab_test_definition"]);
}

#[test]
fn an_older_result_fills_nothing_in() {
    let noted = SentResult { notes: text("phoned"), ..number("K", 4.5, "09:00") };
    assert_eq!(
        depending(&[sent(vec![noted], "09:00"), sent(vec![number("K", 4.6, "10:00")], "10:00")]),
        ["lab_result"]
    );
    let of_other_type = sent(vec![words("K", "see report", "10:00")], "10:00");
    assert_eq!(depending(&[sent(vec![number("K", 4.5, "09:00")], "09:00"), of_other_type]), ["lab_result"]);
}

#[test]
fn a_late_isolate_is_lost() {
    let grown = |id, time| sent(vec![culture(isolate(id, "KLPN", &[("AMOX", "S")]), time)], time);
    assert_eq!(depending(&[grown("1", "09:00"), grown("2", "10:00")]), ["lab_isolate", "lab_sensitivity"]);
}

#[test]
fn a_cancellation_meets_what_is_there() {
    // Older than the order's last message.
    let outlived = [lab(numbered("E1", "11:00")), lab(cancelled("E1", "10:00"))];
    assert_eq!(depending(&outlived), ["lab_order"]);
    // Of another number.
    let other = [lab(numbered("E2", "09:00")), lab(cancelled("E1", "10:00"))];
    assert_eq!(depending(&other), ["lab_order"]);
    // Of an order with results.
    let examined = lab(with_results(vec![number("K", 4.5, "09:00")], numbered("E1", "09:00")));
    let tables = ["lab_test_definition", "lab_battery_element", "lab_order", "lab_result"];
    assert_eq!(depending(&[examined, lab(cancelled("E1", "10:00"))]), tables);
}
