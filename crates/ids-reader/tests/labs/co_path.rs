//! Pathology.

use emap_ids_reader::RejectReason;
use emap_interchange::{
    InterchangeValue::{Delete, Save, Unknown},
    LabResult, LabResultStatus, ValueType,
};
use emap_test_support::messages::at;

use crate::{
    codes, hl7, message, order, result, save,
    support::{left_out, rejected},
    texts, with_field,
};

const HEAD: &str = "OBX|2|ED||1|Content-Type: text/plain; charset=US-ASCII; name=x.pdf\n\
    OBX|3|ED||1|Content-transfer-encoding: base64\nOBX|4|ED||1";

fn results(observations: &str) -> Vec<LabResult> {
    let request = "OBR|1|90|UH24-1^CoPathPlus|H^Histopathology|||202406101505|||||||||||||||202406141700";
    let text = message("CoPath", "ORU^R01", &["ORC|RE|90|UH24-1^CoPathPlus", request, observations]);
    order(&text).lab_results
}

#[test]
fn lines_of_text_are_one_result() {
    let found =
        results("OBX|1|TX|R^^D|7|one|mg|1-2|H|||F\nNTE|1||lost\nOBX|2|TX|R|7|  two ||||||P\nOBX|3|TX|R|7");
    let expected = LabResult {
        mime_type: Some(ValueType::Text),
        test_item_local_code: Some("TEXT".to_owned()),
        test_item_coding_system: Some("CO_PATH".to_owned()),
        observation_sub_id: Some("7".to_owned()),
        string_value: save("one\n  two\n"),
        units: save("mg"),
        reference_low: Save(1.0),
        reference_high: Save(2.0),
        abnormal_flag: save("H"),
        result_status: Some(LabResultStatus::Final),
        result_time: Some(at("2024-06-14T16:00:00Z")),
        ..LabResult::default()
    };
    assert_eq!(found, [expected]);
}

#[test]
fn one_result_for_each_type_in_the_order_of_the_message() {
    let found =
        results(&format!("{HEAD}\nOBX|5|ED||1|JVBERg==\nOBX|6|TX|R||a\nOBX|7|ST|R||b\nOBX|8|TX|R||c"));
    assert_eq!(codes(&found), ["PDF", "TEXT", "TEXT"]);
    assert_eq!(texts(&found), ["", "a\nc", "b"]);
    assert_eq!(found[0].byte_value, Save(b"%PDF".to_vec()));
    assert_eq!(
        (found[0].mime_type, found[0].result_status),
        (Some(ValueType::Pdf), Some(LabResultStatus::Unknown))
    );
}

#[test]
fn lines_of_different_reports_are_left_out() {
    for lines in [
        "OBX|1|TX|R||a\nOBX|2|TX|S||b",
        "OBX|1|TX|R|1|a\nOBX|2|TX|R|2|b",
        "OBX|1|TX|R||a~b",
        "OBX|1|TX|R||a\nOBX|2|TX|R||b~c",
        "OBX|1|NM|R||5",
        "OBX|1|CE|R||a^b",
    ] {
        assert_eq!(results(lines), [], "{lines}");
        assert_eq!(texts(&results(&format!("{lines}\nOBX|9|ST|R||fine"))), ["fine"], "{lines}");
    }
    assert_eq!(texts(&results("OBX|1|TX|R||a~")), ["a"], "a separator makes no second value");
}

#[test]
fn a_document_needs_head_and_base64() {
    let left_out = [
        "OBX|1|ED||1|JVBERg==".to_owned(),
        format!("{HEAD}\nOBX|5|ED||2|JVBERg=="),
        format!("{HEAD}\nOBX|5|ED||1|JVBE!g=="),
        HEAD.replace("base64", "quoted-printable") + "\nOBX|5|ED||1|JVBERg==",
        HEAD.replace("US-ASCII", "UTF-8") + "\nOBX|5|ED||1|JVBERg==",
        "OBX|1|ED||1|MIME".to_owned(),
    ];
    for lines in left_out {
        assert_eq!(codes(&results(&format!("OBX|1|TX|R||text\n{lines}"))), ["TEXT"], "{lines}");
    }
}

#[test]
fn what_is_no_fault_in_a_document() {
    for encoded in ["JVBERg==", "JVBERg=", "JVBERg", "JVB\nOBX|6|ED||1|ERg=="] {
        let found = results(&format!("{HEAD}\nOBX|5|ED||1|{encoded}"));
        assert_eq!(found[0].byte_value, Save(b"%PDF".to_vec()), "{encoded}");
        assert_eq!(found[0].string_value, Unknown);
    }
    assert_eq!(results(HEAD)[0].byte_value, Save(Vec::new()));
}

#[test]
fn an_empty_line_is_left_out() {
    let whole = hl7("co_path/life/04_results");
    for line in ["OBX", "OBX|9", "OBX|9||R||^~"] {
        let text = whole.replacen("\nOBX", &format!("\n{line}\nOBX"), 1);
        assert_eq!(order(&text), order(&whole), "{line}");
        assert_eq!(left_out(&text).len(), 1, "{line}");
    }
    let only =
        whole.lines().filter(|line| !line.starts_with("OBX")).collect::<Vec<_>>().join("\n") + "\nOBX|1";
    assert!(matches!(rejected(&only), RejectReason::DataType(_)));
}

#[test]
fn the_order_s_number_may_be_that_of_the_sample() {
    let own = hl7("co_path/life/02_nw");
    assert_eq!(order(&own).epic_care_order_number, Unknown);
    assert_eq!(order(&with_field(&own, "ORC-1", "CA")).epic_care_order_number, Unknown);
    assert_eq!(
        order(&with_field(&with_field(&own, "ORC-2", ""), "ORC-3", "")).epic_care_order_number,
        Unknown
    );
    // The request's number is not looked at.
    assert_eq!(order(&with_field(&own, "ORC-2", "90")).epic_care_order_number, save("90"));
    for control in ["CA", "CR", "OC"] {
        let text = with_field(&hl7("co_path/cancelled/04_sc"), "ORC-1", control);
        assert_eq!(order(&text).epic_care_order_number, Delete(Some("90010043".to_owned())), "{control}");
    }
}

#[test]
fn sample_numbers_of_any_length() {
    let number = |own: &str, group: &str| {
        let text = with_field(&with_field(&hl7("co_path/cancelled/04_sc"), "ORC-3", own), "ORC-4", group);
        order(&text).lab_specimen_number.unwrap()
    };
    assert_eq!(number("U1^CoPathPlus", "U2"), "U1");
    assert_eq!(number("", "U2"), "U2");
    assert_eq!(number("", ""), "");
}

#[test]
fn two_batteries_have_two_codes() {
    let battery = |code: &str| {
        order(&with_field(&hl7("co_path/life/01_sn"), "OBR-4", code)).test_battery_local_code.unwrap()
    };
    let found = ["H", "C", "UH", "UC", "h", "HH", ""].map(battery);
    assert_eq!(found, ["UH", "UC", "UH", "UC", "h", "HH", ""]);
}

#[test]
fn a_new_order_may_bring_results() {
    let text =
        with_field(&with_field(&hl7("co_path/life/04_results"), "ORC-1", "NW"), "ORC-9", "202406140900");
    let found = order(&text);
    assert_eq!(found.order_date_time, Save(at("2024-06-14T08:00:00Z")));
    assert_eq!(found.status_change_time, Some(at("2024-06-14T08:00:00Z")));
    assert_eq!(codes(&found.lab_results), ["TEXT", "PDF"]);
    assert_eq!(found.lab_results[0].result_time, Some(at("2024-06-14T16:00:00Z")));
}

#[test]
fn received_when_the_order_changed() {
    let found = order(&hl7("co_path/cancelled/04_sc"));
    assert_eq!(found.sample_received_time, Save(at("2024-01-17T12:53:00Z")));
    assert_eq!(found.status_change_time, Some(at("2024-01-22T15:44:00Z")));
}

#[test]
fn questions_of_results_are_not_read() {
    let noted =
        hl7("co_path/life/04_results").replacen("\nOBX", "\nNTE|1||->no question\nNTE|2||Q->a\nOBX", 1);
    assert!(order(&noted).questions.is_empty());
    let asked = hl7("co_path/cancelled/01_nw").replace("||How many labels to print?", "||");
    assert!(matches!(rejected(&asked), RejectReason::Question(_)));
}

#[test]
fn the_status_of_the_report_is_that_of_its_first_line() {
    assert_eq!(result(&hl7("co_path/cancelled/05_results")).result_status, Some(LabResultStatus::Final));
}
