//! What real feeds contain: found by giving the same messages, with changes, to this reader and to the system it
//! replaces. A section for each decision.
#![allow(clippy::unwrap_used)]

mod support;

use chrono::{DateTime, Utc};
use emap_ids_reader::{ConversionOutcome, RejectReason};
use emap_interchange::{AdtEvent, ConsultRequest, Flowsheet, InterchangeValue, LabOrder, Payload};

use self::support::{
    SOURCE_ID, adt, adt_with, convert, converter, left_out, message, messages, rejected, triggered,
};

const PATIENT: &str = "PID|1||60050001||LARCH^Edith||19740408|F\nPV1|1|I|W1||||||||||||||||5500500001";

fn sent_by(application: &str, facility: &str, kind: &str, segments: &[&str]) -> String {
    let header = format!("MSH|^~\\&|{application}|{facility}|||20240610120600||{kind}|36|P|2.4");
    format!("{header}\n{PATIENT}\n{}", segments.join("\n"))
}

fn orders(text: &str) -> Vec<LabOrder> {
    let orders = messages(text).into_iter().filter_map(|message| match message.payload {
        Payload::LabOrder(order) => Some(*order),
        _ => None,
    });
    orders.collect()
}

fn consult(text: &str) -> ConsultRequest {
    let mut consults = messages(text).into_iter().filter_map(|message| match message.payload {
        Payload::ConsultRequest(consult) => Some(*consult),
        _ => None,
    });
    consults.next().unwrap()
}

fn flowsheets(text: &str) -> Vec<Flowsheet> {
    let charted = messages(text).into_iter().filter_map(|message| match message.payload {
        Payload::Flowsheet(flowsheet) => Some(*flowsheet),
        _ => None,
    });
    charted.collect()
}

fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}

const WIN_PATH_ORC: &str = "ORC|NW|90|24V000310||||||202407051106";
const WIN_PATH_OBR: &str = "OBR|1|90|24V000310|FBC^^WinPath|||202407051106";
const REPORTED: &str = "ORC|RE|90|24V000310";
const CULTURE: &str = "OBR|1|90|24V000310|URNC^^WinPath|||202407051106|||||||||||||||202407080937||MC|F";
const SENSITIVITIES: &str = "OBR|2|90|24V000310|SENS^^WinPath|||202407051106|||||||||||||||||||ISOLATE&&x^1";
const RESISTANT: &str = "OBX|1|ST|TRI||TRI|||R|||F";

// Whose notes: what belongs to a segment that is not read is not read (R18).

#[test]
fn answers_of_an_order_that_is_passed_over_are_not_another_s() {
    let request = ["ORC|NW|77", "OBR|1||||||||||||||||||||||||||||||||||||20240601", "NTE|1||Urgent?->No"];
    let one = sent_by("EPIC", "Consult Orders", "ORM^O01", &request);
    let two = format!("{one}\nOBR|2||other\nNTE|1||Urgent?->Yes");
    assert_eq!(consult(&two), consult(&one));
    assert_eq!(consult(&two).questions["Urgent?"].as_deref(), Some("No"));
}

#[test]
fn so_are_those_of_the_main_laboratory() {
    let request = [WIN_PATH_ORC, WIN_PATH_OBR, "NTE|1||Fasting:-no"];
    let one = sent_by("EPIC", "", "ORM^O01", &request);
    let two = format!("{one}\nOBR|2|91|24V000311|UE^^WinPath\nNTE|1||Fasting:-yes");
    assert_eq!(orders(&two), orders(&one));
}

#[test]
fn notes_of_segments_in_another_case_or_unknown_are_not_those_of_the_one_before() {
    let chart = ["OBR|1", "OBX|1|NM|77||5||||||F", "NTE|1||mine"];
    let one = sent_by("EPIC", "Vitals", "ORU^R01", &chart);
    for stranger in ["obx|2|NM|78||6||||||F", "XYZ|1", "GOL|1", "obr|2"] {
        let more = format!("{one}\n{stranger}\nNTE|1||not mine");
        assert_eq!(flowsheets(&more), flowsheets(&one), "{stranger}");
    }
    let problem =
        format!("{}\nPRB|AD|20240105|I10|1\nNTE|1||mine", triggered("A01", &[("MSH-9", "PPR^PC1")]));
    for stranger in ["prb|AD|20240105|I11|2", "XYZ|1"] {
        let more = format!("{problem}\n{stranger}\nNTE|1||not mine");
        assert_eq!(messages(&more), messages(&problem), "{stranger}");
    }
}

// Blanks (R13).

#[test]
fn blanks_around_identifiers_mean_nothing() {
    let plain = message(&[("PID-3", "60050102"), ("PV1-19", "55")]);
    let padded = message(&[("PID-3", " 60050102 "), ("PV1-19", "  55")]);
    assert_eq!(adt(&padded), adt(&plain));
    assert_eq!(adt_with("PID-3", "  ").mrn, None);
    let laboratory = |mrn: &str, visit: &str, account: &str| {
        let text = sent_by("WinPath", "", "ORU^R01", &[REPORTED, CULTURE, "OBX|1|FT|URNC||x||||||F"]);
        let pid = format!("PID|1||{mrn}|||||||||||||||{account}");
        let text = text.replace("PID|1||60050001||LARCH^Edith||19740408|F", &pid);
        orders(&text.replace("|5500500001", &format!("|{visit}"))).remove(0)
    };
    assert_eq!(laboratory(" 60050102", "5", "").mrn.as_deref(), Some("60050102"));
    assert_eq!(
        laboratory("7", "  ", "88 ").visit_number.as_deref(),
        Some("88"),
        "two blanks hide no account"
    );
}

#[test]
fn blanks_do_not_overwrite_what_is_known() {
    for place in ["PID-5", "PID-8", "PID-17", "PID-22", "PV2-38", "PV1-3"] {
        let (blank, empty) = (adt_with(place, "  "), adt_with(place, ""));
        assert_eq!(blank, empty, "{place}");
    }
}

#[test]
fn blanks_around_codes_mean_nothing() {
    let chart = |code: &str, unit: &str| {
        let obx = format!("OBX|1|NM|{code}||5|{unit}|||||F");
        flowsheets(&sent_by("EPIC", "Vitals", "ORU^R01", &["OBR|1", &obx])).remove(0)
    };
    assert_eq!(chart(" 5301", " kg "), chart("5301", "kg"));
    let allergy =
        |action: &str, id: &str| triggered("A60", &[]) + &format!("\nIAM|1|Food|^NUTS|||{action}|{id}");
    assert_eq!(messages(&allergy(" A", " 77")), messages(&allergy("A", "77")));
    let problem =
        |id: &str| triggered("A01", &[("MSH-9", "PPR^PC1")]) + &format!("\nPRB|AD|20240105|I10|{id}");
    assert_eq!(messages(&problem(" 77")), messages(&problem("77")));
    let blood = |group: &str| {
        let request = format!("OBR|1||B1|GS^^^{group}|||202407051106");
        orders(&sent_by("", "", "ORU^R01", &["ORC|RE", &request, "OBX|1|ST|AB||x||||||F"]))
    };
    assert_eq!(blood(" Profiles").len(), 1);
    assert_eq!(blood(" Profiles"), blood("Profiles"));
}

#[test]
fn a_blank_in_one_line_does_not_lose_a_report() {
    let report = |second: &str| {
        let request = "OBR|1|90|UH24-1^CoPathPlus|H|||202406101505";
        let lines = format!("OBX|1|TX|R|7|one||||||F\nOBX|2|TX|{second}|two||||||F");
        orders(&sent_by("CoPath", "", "ORU^R01", &["ORC|RE|90|UH24-1^CoPathPlus", request, &lines])).remove(0)
    };
    assert_eq!(report("R|7").lab_results[0].string_value, save("one\ntwo"));
    for second in [" R|7", "R| 7", "R |7  "] {
        assert_eq!(report(second), report("R|7"), "{second}");
    }
}

#[test]
fn free_text_keeps_its_leading_blanks() {
    let text = sent_by("WinPath", "", "ORU^R01", &[REPORTED, CULTURE, "OBX|1|TX|URNC||  two blanks||||||F"]);
    assert_eq!(orders(&text)[0].lab_results[0].string_value, save("  two blanks"));
}

// Trailing separators (R13).

#[test]
fn separators_with_nothing_behind_them_are_no_part_of_a_number() {
    let chart = |value: &str| {
        let obx = format!("OBX|1|NM|77||{value}||||||F");
        flowsheets(&sent_by("EPIC", "Vitals", "ORU^R01", &["OBR|1", &obx]))
    };
    let result = |value: &str| {
        let obx = format!("OBX|1|NM|K||{value}|||||||F");
        orders(&sent_by("WinPath", "", "ORU^R01", &[REPORTED, CULTURE, &obx])).remove(0).lab_results
    };
    for value in ["132&", "132^&", "132^", "132~", " 132^^&&", "132& ", "132^ & ~ "] {
        assert_eq!(chart(value), chart("132"), "{value}");
        assert_eq!(result(value), result("132"), "{value}");
    }
    assert_eq!(chart("132")[0].numeric_value, InterchangeValue::Save(132.0));
}

#[test]
fn separators_with_nothing_behind_them_are_no_lines() {
    let comment = |notes: &str| {
        let chart = ["OBR|1", "OBX|1|NM|77||5||||||F", notes];
        flowsheets(&sent_by("EPIC", "Vitals", "ORU^R01", &chart)).remove(0).comment
    };
    assert_eq!(comment("NTE|1||first~\nNTE|2||second~~"), save("first\nsecond"));
    assert_eq!(comment("NTE|1||a~~b"), save("a\n\nb"));
    assert_eq!(comment("NTE|1||  c~\nNTE|2||d"), save("c\nd"));
}

// Times (R16).

#[test]
fn a_number_in_the_place_of_a_time_is_none() {
    for (place, number) in [("EVN-6", "4412"), ("EVN-2", "202401"), ("PV1-44", "2024"), ("MSH-7", "2024")] {
        let reason = rejected(&message(&[(place, number)]));
        assert!(matches!(reason, RejectReason::NoDay(_)), "{place}: {reason}");
    }
    let order = WIN_PATH_ORC.replace("202407051106", "4412");
    let reason = rejected(&sent_by("EPIC", "", "ORM^O01", &[&order, WIN_PATH_OBR]));
    assert!(matches!(reason, RejectReason::NoDay(_)), "{reason}");
}

#[test]
fn years_and_months_are_dates_of_birth_onset_and_resolution() {
    assert!(adt_with("PID-7", "1960").patient_birth_date.saved().is_some());
    let text = triggered("A60", &[]) + "\nIAM|1|Food|^NUTS|||A|77||||2019";
    assert_eq!(left_out(&text), [""; 0]);
    let infection = triggered("A05", &[]) + "\nZIF|VRE^20230707^2024";
    assert_eq!(messages(&infection).len(), 2);
    let problem =
        triggered("A01", &[("MSH-9", "PPR^PC1")]) + "\nPRB|AD|20240105|I10|7|||20240101||202402|||||||2019";
    assert_eq!(messages(&problem).len(), 1);
}

#[test]
fn an_escape_character_inside_a_time_is_dropped() {
    assert_eq!(adt_with("EVN-6", r"2024\0601120000"), adt_with("EVN-6", "20240601120000"));
}

#[test]
fn an_event_is_not_years_after_its_row() {
    let stored_at: DateTime<Utc> = "2024-01-05T10:31:00Z".parse().unwrap();
    let outcome =
        |text: &str| converter().convert_stored(SOURCE_ID, text.as_bytes(), Some(stored_at)).outcome;
    let ahead = message(&[("EVN-6", "20260101")]);
    assert!(matches!(outcome(&ahead), ConversionOutcome::Rejected { reason: RejectReason::Future(_) }));
    assert!(matches!(outcome(&message(&[("EVN-6", "20241231")])), ConversionOutcome::Messages(_)));
    assert!(
        matches!(convert(&ahead).outcome, ConversionOutcome::Messages(_)),
        "nobody knows when it was stored"
    );
    // What is planned may be further off.
    let request = ["ORC|NW|77", "OBR|1||||||||||||||||||||||||||||||||||||20270601"];
    let text = sent_by("EPIC", "Consult Orders", "ORM^O01", &request);
    assert!(matches!(outcome(&text), ConversionOutcome::Messages(_)));
}

// Parents are only looked for among results (R14).

#[test]
fn an_order_may_name_what_it_follows_from() {
    for (kind, orc) in [("ORM^O01", WIN_PATH_ORC.to_owned()), ("ORR^O02", WIN_PATH_ORC.replace("NW", "NA"))] {
        let found = orders(&sent_by("EPIC", "", kind, &[&orc, SENSITIVITIES]));
        assert_eq!(found[0].parent_sub_id.as_deref(), Some("1"), "{kind}");
    }
    let without = sent_by("WinPath", "", "ORU^R01", &[REPORTED, SENSITIVITIES, RESISTANT]);
    assert!(matches!(rejected(&without), RejectReason::NoParent(1)));
}

// One bad item harms no other (R14). Allergies, infections, problems and reports have theirs in their own tests.

#[test]
fn an_isolate_without_code_is_left_out_with_its_sensitivities() {
    let good =
        ["OBX|1|CE|ISOLATE|2|ECOL^E. coli||||||F", REPORTED, &SENSITIVITIES.replace("^1", "^2"), RESISTANT];
    let bad = ["OBX|1|CE|ISOLATE|1|^Nameless||||||F"];
    let children = [REPORTED, SENSITIVITIES, RESISTANT];
    let segments = [&[REPORTED, CULTURE], &bad[..], &good[..], &children[..]].concat();
    let text = sent_by("WinPath", "", "ORU^R01", &segments);
    let expected = sent_by("WinPath", "", "ORU^R01", &[&[REPORTED, CULTURE], &good[..]].concat());
    assert_eq!(messages(&text), messages(&expected));
    assert_eq!(
        left_out(&text),
        [
            "OBX-5 (segment 6): OBX-5 (segment 6): an isolate without a code",
            "OBR-26 (segment 12): order 3 has sensitivities of an isolate that is not in the message",
        ]
    );
}

#[test]
fn a_bad_value_on_a_chart_is_recorded() {
    let chart = ["OBR|1", "OBX|1|NM|77||5||||||F", "OBX|2|NM|78||high||||||F", "OBX|3|NM|79||6||||||P"];
    let text = sent_by("EPIC", "Vitals", "ORU^R01", &chart);
    assert_eq!(flowsheets(&text).len(), 1);
    assert_eq!(
        left_out(&text),
        ["OBX-3 (segment 6): OBX-5 (segment 6): no number"],
        "not what is preliminary"
    );
}

#[test]
fn a_rejected_message_has_no_partial_rejects() {
    let text = triggered("A05", &[("PV1-2", "?")]) + "\nZIF|VRE^soon";
    assert_eq!(rejected(&text).label(), "patient_class");
    assert_eq!(left_out(&text), [""; 0]);
}

// The same patient's segment twice (R15).

fn with_doubled_patient(text: &str) -> String {
    let pid = text.lines().find(|line| line.starts_with("PID|")).unwrap();
    text.replacen(pid, &format!("{pid}\n{pid}|"), 1)
}

#[test]
fn a_doubled_patient_loses_nothing() {
    for trigger in ["A01", "A03", "A08"] {
        let text = triggered(trigger, &[]);
        assert_eq!(messages(&with_doubled_patient(&text)), messages(&text), "{trigger}");
    }
    for trigger in ["A40", "A45", "A47"] {
        let text = triggered(trigger, &[]) + "\nMRG|60029999||||55";
        let text = text + "\nPV1|1|I|W1||||||||||||||||5500100001";
        assert_eq!(messages(&with_doubled_patient(&text)), messages(&text), "{trigger}");
    }
    let chart = sent_by("EPIC", "Vitals", "ORU^R01", &["OBR|1", "OBX|1|NM|77||5||||||F"]);
    let gas = ["ORC|RE", "OBR|1||B1|GAS|||202407051106", "OBX|1|ST|PH||7.4||||||F"];
    let gas = sent_by("ABL90 FLEX Plus", "", "ORU^R30", &gas);
    let culture = sent_by("WinPath", "", "ORU^R01", &[REPORTED, CULTURE, "OBX|1|FT|URNC||x||||||F"]);
    for text in [chart, gas, culture] {
        assert_eq!(messages(&with_doubled_patient(&text)), messages(&text));
    }
}

// Without an event segment (R17).

#[test]
fn without_an_event_segment_the_message_s_own_time_counts() {
    let without_evn = |text: String| -> String {
        text.lines().filter(|line| !line.starts_with("EVN")).collect::<Vec<_>>().join("\n")
    };
    let found = adt(&without_evn(triggered("A11", &[])));
    assert_eq!(found.recorded_date_time, Some("2024-01-05T10:30:00Z".parse().unwrap()));
    assert_eq!(found.event, AdtEvent::CancelAdmitPatient { cancelled_date_time: None });
    let allergy = without_evn(triggered("A60", &[]) + "\nIAM|1|Food|^NUTS|||A|77");
    let Payload::Condition(allergy) = messages(&allergy).remove(0).payload else { panic!("no allergy") };
    assert_eq!(allergy.updated_date_time, found.recorded_date_time);
}

// A blood gas analyser's second order.

#[test]
fn a_blood_gas_order_may_come_twice() {
    let gas = |more: &[&str]| {
        let order = ["ORC|RE|5", "OBR|1||B1|GAS|||202407051106"];
        let value = ["OBX|1|ST|PH||7.4||||||F"];
        sent_by("ABL90 FLEX Plus", "", "ORU^R30", &[&order, more, &value].concat())
    };
    for again in
        [&["OBR|2"][..], &["ORC"], &["ORC||", "OBR|2|||"], &["ORC|RE|5", "OBR|2||B1|GAS|||202407051106|"]]
    {
        assert_eq!(messages(&gas(again)), messages(&gas(&[])), "{again:?}");
    }
    for other in [&["OBR|2||B2|GAS|||202407051106"][..], &["ORC|RE|6"]] {
        assert!(matches!(rejected(&gas(other)), RejectReason::SeveralOrders(2)), "{other:?}");
    }
}
