//! Flowsheets.

use chrono::NaiveDate;
use emap_ids_reader::{RejectReason, SkipReason};
use emap_interchange::{
    Flowsheet,
    InterchangeValue::{self, Delete, Save, Unknown},
    Payload, ValueType,
};
use emap_test_support::{fixtures, messages::at};

use crate::{
    hl7, order_messages,
    support::{messages, rejected, skipped},
};

const HEAD: &str = "MSH|^~\\&|EPIC|Vitals|||20240602074510||ORU^R01|1|P|2.4\nEVN|R01|20240602074508\n\
    PID|1||60030417\nPV1||I|||||||||||||||||5500301188\nOBR|1";

/// A chart with these OBX (and NTE) segments.
fn chart(observations: &str) -> String {
    format!("{HEAD}\n{observations}")
}

/// An OBX with type, value and status.
fn obx(data_type: &str, value: &str, status: &str) -> String {
    format!("OBX|1|{data_type}|77||{value}||||||{status}|||20240602073000")
}

fn flowsheets(text: &str) -> Vec<Flowsheet> {
    let flowsheet = |payload| match payload {
        Payload::Flowsheet(flowsheet) => *flowsheet,
        other => panic!("{other:?}"),
    };
    order_messages(text).into_iter().map(|message| flowsheet(message.payload)).collect()
}

/// The only value of a chart with one OBX; `None` if it is left out.
fn charted(data_type: &str, value: &str, status: &str) -> Option<Flowsheet> {
    let mut all = flowsheets(&chart(&obx(data_type, value, status)));
    assert!(all.len() < 2);
    all.pop()
}

fn text(value: &str) -> InterchangeValue<String> {
    Save(value.to_owned())
}

#[test]
fn whole_messages() {
    for name in ["mixed", "two_orders"] {
        let expected = fixtures::flowsheets(&format!("{name}.yaml"), None);
        fixtures::assert_same(&order_messages(&hl7(&format!("flowsheets/{name}"))), &expected);
    }
}

#[test]
fn ids_count_all_observations_of_the_message() {
    let ids = |text: &str| -> Vec<String> {
        order_messages(text)
            .into_iter()
            .map(|message| message.source_message_id.unwrap()[10..].to_owned())
            .collect()
    };
    assert_eq!(ids(&hl7("flowsheets/two_orders")), ["$01", "$02", "$03", "$04"]);
    assert_eq!(
        ids(&hl7("flowsheets/mixed")),
        ["$01", "$02", "$03", "$04", "$06", "$07", "$08", "$13", "$14"]
    );
    let many = vec![obx("ST", "x", "F"); 101].join("\n");
    let ids = ids(&chart(&many));
    assert_eq!((ids.len(), &*ids[98], &*ids[100]), (101, "$99", "$101"));
}

#[test]
fn numbers() {
    for (value, number) in [("37.4", 37.4), (" -3 ", -3.0), ("1e3", 1000.0), (".5", 0.5), ("7^x~8", 7.0)] {
        let found = charted("NM", value, "F").unwrap();
        assert_eq!(
            (found.value_type, found.numeric_value),
            (Some(ValueType::Numeric), Save(number)),
            "{value}"
        );
        assert_eq!((found.string_value, found.date_value), (Unknown, Unknown));
    }
    for value in ["\"\"", ">5", "1,000", "high", "NaN", "Infinity", "0x10p1", "5d", "", "~5"] {
        assert_eq!(charted("NM", value, "F"), None, "{value}");
    }
}

#[test]
fn dates_are_as_written() {
    for (value, (year, month, day)) in
        [("20240701", (2024, 7, 1)), ("20240101", (2024, 1, 1)), (" 20240701 ", (2024, 7, 1))]
    {
        let found = charted("DT", value, "C").unwrap();
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert_eq!((found.value_type, found.date_value), (Some(ValueType::Date), Save(date)), "{value}");
    }
    assert_eq!(charted("DT", "\"\"", "F").unwrap().date_value, Delete(None));
    for value in ["20240230", "202407", "2024", "202407011200", "soon", "", "20240701+0100"] {
        assert_eq!(charted("DT", value, "F"), None, "{value}");
    }
}

#[test]
fn texts() {
    let cases = [
        ("ST", "  clear ", "clear"),
        ("ST", "word~two words", "word\ntwo words"),
        ("TX", "1~2~~3~", "1\n2\n\n3"),
        ("FT", r"a \T\ b\.br\c", "a & b\nc"),
        ("ST", "salt & water", "salt & water"),
        ("CE", "12^Sitting out^L", "12^Sitting out^L"),
        ("CWE", "^Sitting^", "^Sitting"),
        ("CE", "~second", "second"),
        ("TM", "0730", "0730"),
        ("DTM", "202401", "202401"),
        ("SN", ">^5", ">^5"),
    ];
    for (data_type, value, expected) in cases {
        let found = charted(data_type, value, "F").unwrap();
        assert_eq!(
            (found.value_type, found.string_value),
            (Some(ValueType::Text), text(expected)),
            "{value}"
        );
    }
    assert_eq!(charted("ST", "\"\"", "F").unwrap().string_value, Delete(None));
}

#[test]
fn deleting_needs_any_value() {
    let numeric = charted("NM", "high", "D").unwrap();
    assert_eq!((numeric.numeric_value, numeric.value_type), (Delete(None), Some(ValueType::Numeric)));
    assert_eq!(charted("DT", "\"\"", "D").unwrap().date_value, Delete(None));
    let string = charted("ST", "\"\"", "D").unwrap();
    assert_eq!((string.string_value, string.numeric_value), (Delete(None), Unknown));
    assert_eq!(charted("CE", "^", "D"), None, "nothing but separators");
    for data_type in ["NM", "DT", "ST", "CE"] {
        assert_eq!(charted(data_type, "", "D"), None, "{data_type}");
    }
}

#[test]
fn only_values_that_stand_are_sent() {
    for status in ["", "P", "R", "f", "F F", "\"\"", "NOT_EXPECTED"] {
        assert_eq!(charted("ST", "x", status), None, "{status}");
    }
}

#[test]
fn a_comment_alone_is_sent_unless_there_is_no_value_at_all() {
    let commented = |value: &str| flowsheets(&chart(&(obx("ST", value, "F") + "\nNTE|1||see chart")));
    let [blank] = &*commented(" ") else { panic!("left out") };
    assert_eq!((&blank.comment, &blank.string_value), (&text("see chart"), &Unknown));
    assert_eq!(charted("ST", " ", "F"), None);
    assert_eq!(commented(""), []);
}

#[test]
fn units_and_comments_may_be_deleted() {
    let found = flowsheets(&chart("OBX|1|NM|77||5|\"\"|||||F\nNTE|1||\"\"\nNTE|2"));
    assert_eq!((&found[0].unit, &found[0].comment), (&Delete(None), &Delete(None)));
    assert_eq!(found[0].observation_time, None);
}

#[test]
fn notes_of_the_order_are_not_those_of_its_values() {
    let found = flowsheets(&chart(&format!("NTE|1||of the order\n{}", obx("ST", "x", "F"))));
    assert_eq!(found[0].comment, Unknown);
}

#[test]
fn one_unreadable_value_harms_no_other() {
    let observations = [
        &obx("NM", "1", "F"),
        "OBX|2|NM|78||2||||||F|||never",
        &obx("DT", "then", "F"),
        &obx("ST", "x", "F"),
    ];
    let found = flowsheets(&chart(&observations.join("\n")));
    let codes: Vec<_> = found.iter().map(|one| (one.value_type, one.interface_id.as_deref())).collect();
    assert_eq!(codes, [(Some(ValueType::Numeric), Some("77")), (Some(ValueType::Text), Some("77"))]);
}

#[test]
fn nothing_but_unreadable_values_leaves_the_patient() {
    let nothing = chart(&obx("NM", "x", "F"));
    assert_eq!(order_messages(&nothing), []);
    assert!(matches!(skipped(&nothing.replace("|I|", "|?|")), SkipReason::NoImpliedAdt(_)));
}

#[test]
fn when_the_chart_was_changed() {
    let changed = |text: &str| flowsheets(text)[0].updated_time;
    let with = chart(&obx("ST", "x", "F"));
    assert_eq!(changed(&with), Some(at("2024-06-02T06:45:08Z")));
    let without = with.replace("EVN|R01|20240602074508\n", "");
    assert_eq!(changed(&without), Some(at("2024-06-02T06:45:10Z")), "without an event, when it was written");
    assert_eq!(changed(&with.replace("|20240602074508", "|")), None);
    let reason = rejected(&with.replace("|20240602074508", "|now"));
    assert_eq!(reason.to_string().split(':').next(), Some("EVN-2 (segment 2)"));
}

#[test]
fn without_an_order_there_is_nothing_to_chart() {
    let reason = rejected(&chart(&obx("ST", "x", "F")).replace("\nOBR|1", ""));
    assert_eq!(reason, RejectReason::Missing("OBR"));
}

#[test]
fn strange_segments_separate_nothing() {
    let ordinary = hl7("flowsheets/mixed");
    let strange = ordinary
        .replace("OBR|", "ZZZ|1\nNTE|1||about him\nOBR|")
        .replace("NTE|2", "ZNT|1\nDG1|1\nNTE|2")
        .replace("OBX|7", "FT1|1\nOBX|7");
    assert_eq!(order_messages(&strange), order_messages(&ordinary));
}

#[test]
fn a_second_patient_is_left_alone() {
    let one = hl7("flowsheets/two_orders");
    let other = one.lines().skip(2).collect::<Vec<_>>().join("\n").replace("60030417", "60039999");
    assert_eq!(messages(&format!("{one}{other}")), messages(&one));
}
