//! Consult requests.

use emap_ids_reader::{CodingSystem, RejectReason, SkipReason};
use emap_interchange::{ConsultRequest, InterchangeValue, Payload};
use emap_test_support::{fixtures, messages::at};

use crate::{
    hl7, order_messages,
    support::{messages, rejected, skipped},
};

const NUMBER: &str = "880410077^EPC";

/// The only consult request that a message gives.
pub(crate) fn consult(text: &str) -> ConsultRequest {
    let mut messages = order_messages(text);
    assert_eq!(messages.len(), 1);
    let Payload::ConsultRequest(consult) = messages.remove(0).payload else { panic!("no consult") };
    *consult
}

/// An ordinary request with some text replaced.
fn with_text(from: &str, to: &str) -> String {
    let text = hl7("consults/new");
    assert!(text.contains(from));
    text.replace(from, to)
}

#[test]
fn whole_messages() {
    for name in ["new", "comments_before_questions", "cancelled", "closed_at_discharge"] {
        let expected = fixtures::consult_request(&format!("{name}.yaml"));
        assert_eq!(order_messages(&hl7(&format!("consults/{name}"))), [expected], "{name}");
    }
}

#[test]
fn questions_stay_in_the_order_of_the_message() {
    let found = consult(&hl7("consults/new"));
    let questions: Vec<_> = found.questions.keys().map(String::as_str).collect();
    let expected =
        ["Why is advice asked for?", "Has the team been called?", "Who can be reached? (name, bleep)"];
    assert_eq!(questions, expected);
}

#[test]
fn an_answer_over_several_notes() {
    let answered = "Has the team been called?->Yes\nNTE|3||twice~in vain\nNTE|4||\nOBX|1|ST|x||y||||||F";
    let found = consult(&with_text("Has the team been called?->Yes", answered));
    assert_eq!(found.questions["Has the team been called?"].as_deref(), Some("Yes\ntwice\nin vain"));
    assert_eq!(found.questions.len(), 2, "the note behind the observation is about the observation");
    assert_eq!(found.notes, InterchangeValue::Unknown);
}

#[test]
fn only_one_control_code_calls_off() {
    for control in ["NW", "CA", "oc", "O C", "\"\"", ""] {
        for occasion in ["4711", "DISCHAUTO"] {
            let text = with_text("ORC|NW|", &format!("ORC|{control}|"))
                .replace("|4711|ORM", &format!("|{occasion}|ORM"));
            let found = consult(&text);
            assert_eq!((found.cancelled, found.closed_due_to_discharge), (false, false), "{control}");
        }
    }
    for (occasion, cancelled) in [("", true), ("dischauto", true), ("DISCHAUTO", false)] {
        let text = with_text("ORC|NW|", "ORC|OC|").replace("|4711|ORM", &format!("|{occasion}|ORM"));
        let found = consult(&text);
        assert_eq!((found.cancelled, found.closed_due_to_discharge), (cancelled, !cancelled), "{occasion}");
    }
}

#[test]
fn numbers_are_decimal() {
    for (number, expected) in
        [("0012^EPC", 12), ("09", 9), ("+7", 7), ("-7", -7), (" 12&", 12), ("9223372036854775807", i64::MAX)]
    {
        assert_eq!(consult(&with_text(NUMBER, number)).epic_consult_id, Some(expected), "{number}");
    }
    for number in ["", "\"\"", "0x1F", "12a", "1 2", "1.0", "9223372036854775808", "^EPC"] {
        let reason = rejected(&with_text(&format!("NW|{NUMBER}"), &format!("NW|{number}")));
        assert_eq!(reason.to_string(), "ORC-2 (segment 5): no whole number", "{number}");
    }
}

#[test]
fn what_is_missing_is_empty_or_absent() {
    let found = consult("MSH|^~\\&|EPIC|Consult Orders|||20240207101502||ORM^O01|1|P|2.4\nORC||5");
    let expected = ConsultRequest {
        epic_consult_id: Some(5),
        visit_number: Some(String::new()),
        consultation_type: Some(String::new()),
        ..ConsultRequest::default()
    };
    assert_eq!(found, expected);
    let deleted = with_text("60030417^^^MRN^MEDREC", "\"\"").replace("5500301188", "\"\"");
    let found = consult(&deleted.replace("20240207101500", "\"\""));
    assert_eq!(
        (found.mrn, found.visit_number.as_deref(), found.status_change_date_time),
        (None, Some(""), None)
    );
}

#[test]
fn a_code_comes_with_its_text_unescaped() {
    let found = consult(&with_text("CONS31", r"CONS31^Elderly \T\ frail^"));
    assert_eq!(found.consultation_type.as_deref(), Some("CONS31^Elderly & frail"));
}

#[test]
fn times_are_of_the_hospital() {
    let found =
        consult(&with_text("20240207101500", "202407011015").replace("20240207113000", "20240701+0000"));
    assert_eq!(found.status_change_date_time, Some(at("2024-07-01T09:15:00Z")));
    assert_eq!(found.scheduled_date_time, Some(at("2024-07-01T00:00:00Z")));
    for (place, time) in [("ORC-9", "20240207101500|4711"), ("OBR-36", "20240207113000||||||||CONS31")] {
        let (_, behind) = time.split_once('|').unwrap();
        let reason = rejected(&with_text(time, &format!("20240230|{behind}")));
        assert!(reason.to_string().starts_with(place), "{reason}");
    }
}

#[test]
fn a_message_is_about_exactly_one() {
    let one = hl7("consults/new");
    let order = &one[one.find("ORC|").unwrap()..];
    assert_eq!(rejected(&format!("{one}{order}")), RejectReason::SeveralOrders(2));
    assert_eq!(rejected(&one[..one.find("ORC|").unwrap()]), RejectReason::Missing("OBR"));
    let without_orc: Vec<_> = one.lines().filter(|line| !line.starts_with("ORC")).collect();
    assert_eq!(rejected(&without_orc.join("\n")), RejectReason::Missing("ORC"));
}

#[test]
fn an_answer_to_nothing_refuses_the_message() {
    let reason = rejected(&with_text("Has the team been called?->Yes", "->Yes"));
    assert_eq!(reason.to_string(), "NTE-3 (segment 8): an answer without a question");
}

#[test]
fn strange_segments_separate_nothing() {
    let ordinary = hl7("consults/new");
    let strange =
        ordinary.replace("NTE|", "ZNT|1\nDG1|1\nNTE|").replace("PV1|", "NTE|1||about her\nZPD|1\nPV1|");
    assert_eq!(consult(&strange), consult(&ordinary));
    let mut lines: Vec<_> = ordinary.lines().collect();
    lines.swap(4, 5);
    assert_eq!(consult(&lines.join("\r")), consult(&ordinary), "OBR before ORC");
    lines.swap(1, 2);
    assert_eq!(consult(&lines.join("\r")), consult(&ordinary), "PV1 before PID");
}

#[test]
fn unreadable_patient_data_leaves_the_request() {
    let text = with_text("19410317", "19410230");
    let found = messages(&text);
    let [message] = &*found else { panic!("{found:?}") };
    assert_eq!(message, &order_messages(&hl7("consults/new"))[0]);
}

#[test]
fn results_of_this_facility_are_not_read() {
    let reason = skipped(&with_text("ORM^O01", "ORU^R01"));
    assert_eq!(reason, SkipReason::CodingSystem(CodingSystem::ConsultOrder));
}
