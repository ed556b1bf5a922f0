//! Imaging.

use emap_ids_reader::RejectReason;
use emap_interchange::{InterchangeValue::Unknown, LabResult};

use crate::{
    codes, hl7, message, order, orders, save,
    support::{left_out, rejected},
    texts, with_field,
};

fn report(lines: &[&str]) -> String {
    let request = "OBR|1|90|RAD1|XR^XR^PACS||||||||||||||||||20240616201011|||F";
    message("IMG_RESULT", "ORU^R01", &[&["ORC|RE|90|RAD1", request], lines].concat())
}

fn results(lines: &[&str]) -> Vec<LabResult> {
    order(&report(lines)).lab_results
}

/// Code and text of each result.
fn parts(lines: &[&str]) -> Vec<(String, String)> {
    let found = results(lines);
    let codes = codes(&found).into_iter().map(str::to_owned);
    codes.zip(texts(&found).into_iter().map(str::to_owned)).collect()
}

fn part(code: &str, text: &str) -> (String, String) {
    (code.to_owned(), text.to_owned())
}

#[test]
fn the_parts_of_a_report() {
    let found = order(&hl7("imaging/report")).lab_results;
    assert_eq!(codes(&found), ["INDICATIONS", "ADDENDA", "NARRATIVE", "IMPRESSION", "SIGNATURE"]);
}

#[test]
fn lines_are_collected_wherever_they_stand() {
    let found = parts(&[
        "OBX|1|TX|&GDT||  one ",
        "OBX|2|TX|&IMP||so what",
        "OBX|3|TX|GDT||two",
        "OBX|4|TX|&GDT",
        "OBX|5|TX|&ADT||later",
        "OBX|6|TX|&GDT||three~",
        "OBX|7|TX|&GDT||  ",
    ]);
    assert_eq!(
        found,
        [part("NARRATIVE", "one\ntwo\n\nthree"), part("IMPRESSION", "so what"), part("ADDENDA", "later")]
    );
}

#[test]
fn three_last_lines_may_be_a_signature() {
    let signed =
        ["OBX|1|TX|&GDT||text", "OBX|2|TX|&GDT||Signed by:", "OBX|3|TX|&GDT||Dr Q", "OBX|4|ST|OTHER||1/1/24"];
    assert_eq!(parts(&signed), [part("NARRATIVE", "text"), part("SIGNATURE", "Signed by:\nDr Q\n1/1/24")]);
    assert_eq!(parts(&signed[1..]), [part("SIGNATURE", "Signed by:\nDr Q\n1/1/24")]);
    // Not the third line from the end.
    assert_eq!(parts(&signed[..3]), [part("NARRATIVE", "text\nSigned by:\nDr Q")]);
    assert_eq!(parts(&signed[1..2]), [part("NARRATIVE", "Signed by:")]);
    for other in ["signed by:", "Signed by: Dr Q", "Signed by:^", "Signed by"] {
        let lines: Vec<_> = signed.iter().map(|line| line.replace("Signed by:", other)).collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let codes: Vec<_> = parts(&lines).into_iter().map(|(code, _)| code).collect();
        let expected =
            if other == "Signed by:^" { ["NARRATIVE", "SIGNATURE"] } else { ["NARRATIVE", "OTHER"] };
        assert_eq!(codes, expected, "{other}");
    }
    let impression: Vec<_> = signed.iter().map(|line| line.replace("&GDT||Signed", "&IMP||Signed")).collect();
    let impression: Vec<_> = impression.iter().map(String::as_str).collect();
    assert_eq!(parts(&impression)[1].0, "IMPRESSION");
    // A trailing blank of a short text is part of it, of a long text it is not.
    let blank = |data_type: &str| {
        let line = format!("OBX|2|{data_type}|&GDT||Signed by: ");
        parts(&[signed[0], &line, signed[2], signed[3]])[1].0.clone()
    };
    assert_eq!((blank("TX"), blank("ST")), ("SIGNATURE".to_owned(), "OTHER".to_owned()));
}

#[test]
fn of_other_observations_the_last_counts() {
    let found =
        parts(&["OBX|1|ST|A||1", "OBX|2|ST|B||2", "OBX|3|ST|A||3~ 4", "OBX|4|ST|||5", "OBX|5|ST|&X||6"]);
    assert_eq!(found, [part("A", "3\n4"), part("B", "2"), part("", "5"), part("", "6")]);
}

#[test]
fn what_is_no_text_is_left_out() {
    let found =
        parts(&["OBX|1|NM|A||1", "OBX|2|CE|B||a^b", "OBX|3|ED|&GDT||x", "OBX|4|TX|&GDT||y", "OBX|5|ST|C||2"]);
    assert_eq!(found, [part("C", "2")]);
    // Only the first line of a part has to be one.
    assert_eq!(parts(&["OBX|1|TX|&GDT||a", "OBX|2|FT|&GDT||b"]), [part("NARRATIVE", "a\nb")]);
    assert_eq!(parts(&["OBX|1|TX|&GDT||a~b", "OBX|2|TX|&IMP||c"]), [part("IMPRESSION", "c")]);
}

#[test]
fn a_part_without_text() {
    let found = results(&["OBX|1|TX|&GDT", "OBX|2|TX|&GDT|| "]);
    assert_eq!((codes(&found), &found[0].string_value), (vec!["NARRATIVE"], &Unknown));
}

#[test]
fn the_name_of_a_part_is_no_code_of_its_own() {
    for lines in
        [["OBX|1|TX|NARRATIVE||x", "OBX|2|TX|&GDT||y"], ["OBX|1|TX|&GDT||y", "OBX|2|TX|NARRATIVE||x"]]
    {
        assert_eq!(parts(&lines), [part("NARRATIVE", "y")], "{lines:?}");
        let [left_out] = &*left_out(&report(&lines)) else { panic!("{lines:?}") };
        assert!(left_out.contains("the name of a part of the report"), "{left_out}");
    }
    assert_eq!(parts(&["OBX|1|TX|NARRATIVE||x"]), [part("NARRATIVE", "x")], "without lines of its own");
}

#[test]
fn notes_of_lines_are_not_read() {
    let found = results(&["OBX|1|TX|&GDT||x", "NTE|1||note"]);
    assert_eq!(found[0].notes, Unknown);
    assert_eq!(found[0].epic_care_order_number, None);
}

#[test]
fn the_order_s_number_may_be_that_of_the_study() {
    let text = report(&[]);
    assert_eq!(order(&text).epic_care_order_number, save("90"));
    assert_eq!(order(&with_field(&text, "ORC-2", "RAD1^EPC")).epic_care_order_number, Unknown);
    // The request's number is not looked at.
    assert_eq!(order(&with_field(&text, "OBR-2", "91")).epic_care_order_number, save("90"));
    let group = order(&with_field(&with_field(&text, "ORC-3", ""), "ORC-4", "RAD2"));
    assert_eq!(group.lab_specimen_number.as_deref(), Some("RAD2"));
}

#[test]
fn questions() {
    let text =
        report(&["NTE|1||remark", "NTE|2||How?=a=b", "NTE|3||more", "OBX|1|TX|&GDT||x", "NTE|1||Not=this"]);
    let found: Vec<_> = order(&text).questions.into_iter().collect();
    assert_eq!(found, [("How?".to_owned(), Some("a=b\nmore".to_owned()))]);
    assert!(matches!(rejected(&report(&["NTE|1||=b"])), RejectReason::Question(_)));
}

#[test]
fn several_studies_in_one_message() {
    let one = report(&["OBX|1|TX|&GDT||x"]);
    let second = one[one.find("ORC").unwrap()..].replace("RAD1", "RAD2");
    let found = orders(&format!("{one}\n{second}"));
    let studies: Vec<_> = found.iter().filter_map(|order| order.lab_specimen_number.as_deref()).collect();
    assert_eq!(studies, ["RAD1", "RAD2"]);
}
