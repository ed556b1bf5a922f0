//! What holds for all laboratories: patient and visit, times, texts, ranges, status, ids, control codes.

use emap_ids_reader::{CodingSystem, RejectReason, SkipReason};
use emap_interchange::{
    InterchangeValue::{self, Delete, Save, Unknown},
    LabResultStatus, ValueType,
};
use emap_test_support::messages::at;

use crate::{
    hl7, message, order, order_messages, orders, result, save,
    support::{messages, rejected, skipped},
    with_field,
};

/// A message of the blood bank with one result.
fn simple() -> String {
    message(
        "BLOODBANK",
        "ORU^R01",
        &["ORC|RE", "OBR|1||24B1|GPS^^^Profiles|||202406100618", "OBX|1|NM|A^^L||7||||||F"],
    )
}

/// A result of the main laboratory.
fn main_laboratory() -> String {
    message(
        "WinPath",
        "ORU^R01",
        &[
            "ORC|RE|90|24L000117",
            "OBR|1|90|24L000117|FBC^^WinPath|||202406100825",
            "OBX|1|NM|HB^^L||92||||||F",
        ],
    )
}

#[test]
fn patient_and_visit() {
    let found = order(&simple());
    assert_eq!((found.mrn.as_deref(), found.visit_number.as_deref()), (Some("60050001"), Some("5500500001")));
    let visit = |text: &str| order(text).visit_number;
    assert_eq!(
        visit(&with_field(&simple(), "PV1-19", "")).as_deref(),
        Some("7788"),
        "of the patient segment"
    );
    assert_eq!(visit(&with_field(&simple(), "PV1-19", "\"\"")).as_deref(), Some("7788"));
    assert_eq!(visit(&with_field(&with_field(&simple(), "PV1-19", ""), "PID-18", "")).as_deref(), Some(""));
    assert_eq!(order(&with_field(&simple(), "PID-3", "")).mrn, None);
    assert_eq!(order(&with_field(&simple(), "PID-3", "1~2")).mrn.as_deref(), Some("1"));
    let nobody = simple().lines().filter(|line| !line.starts_with('P')).collect::<Vec<_>>().join("\n");
    assert_eq!((order(&nobody).mrn, order(&nobody).visit_number.as_deref()), (None, Some("")));
}

#[test]
fn the_sender_is_named() {
    let sender = |name: &str| order_messages(&with_field(&simple(), "MSH-3", name)).remove(0).source_system;
    assert_eq!(sender("LAB 1^site").as_deref(), Some("LAB 1"));
    assert_eq!(sender("").as_deref(), Some("Not in Message"));
}

#[test]
fn numbers_of_the_orders_are_part_of_their_ids() {
    let ids = |text: &str| -> Vec<String> {
        order_messages(text)
            .into_iter()
            .map(|message| message.source_message_id.unwrap()[10..].to_owned())
            .collect()
    };
    assert_eq!(ids(&simple()), [""]);
    assert_eq!(ids(&hl7("win_path/life/05_results")), ["_01", "_02"]);
    // The second and the fourth became part of the first.
    assert_eq!(ids(&hl7("win_path/cultures/two_isolates")), ["_01", "_03"]);
    let left_out = hl7("win_path/life/05_results").replacen("ORC|RE", "ORC|XX", 1);
    assert_eq!(ids(&left_out), ["_02"]);
    let (header, group) =
        main_laboratory().split_once("ORC").map(|(a, b)| (a.to_owned(), format!("ORC{b}\n"))).unwrap();
    let many = ids(&(header + &group.repeat(101)));
    assert_eq!((many.len(), &*many[8], &*many[100]), (101, "_09", "_101"));
}

#[test]
fn patient_and_visit_are_told_first() {
    let found = messages(&hl7("win_path/life/05_results"));
    let classes: Vec<_> = found.iter().map(|one| one.class_name().rsplit('.').next().unwrap()).collect();
    assert_eq!(classes, ["LabOrderMsg"; 2], "this laboratory's patient class is not a known one");
    let found = messages(&hl7("win_path/life/01_nw"));
    let classes: Vec<_> = found.iter().map(|one| one.class_name().rsplit('.').next().unwrap()).collect();
    assert_eq!(classes, ["LabOrderMsg"], "and an order without a sender brings no patient");
    let found = messages(&with_field(&hl7("win_path/life/01_nw"), "MSH-3", "EPIC"));
    let classes: Vec<_> = found.iter().map(|one| one.class_name().rsplit('.').next().unwrap()).collect();
    assert_eq!(classes, ["ImpliedAdtMessage", "LabOrderMsg"]);
}

#[test]
fn times_are_local_unless_they_say_so() {
    let collected = |time: &str| order(&with_field(&simple(), "OBR-7", time)).collection_date_time.unwrap();
    assert_eq!(collected("202406100618"), at("2024-06-10T05:18:00Z"));
    assert_eq!(collected("202401100618"), at("2024-01-10T06:18:00Z"));
    assert_eq!(collected("202406100618+0500"), at("2024-06-10T01:18:00Z"));
    assert_eq!(collected("20240610"), at("2024-06-09T23:00:00Z"));
    assert_eq!(collected("20240610061830.1234^x"), at("2024-06-10T05:18:30.123Z"));
}

#[test]
fn a_time_of_collection_is_needed() {
    for name in [
        "win_path/life/01_nw",
        "win_path/life/05_results",
        "co_path/life/04_results",
        "co_path/life/03_na",
        "abl90/gas",
        "bio_connect/glucose",
        "bank_manager/group_and_screen",
    ] {
        for none in ["", "\"\""] {
            let reason = rejected(&with_field(&hl7(name), "OBR-7", none));
            assert!(matches!(reason, RejectReason::CollectionTime(_)), "{name}: {reason}");
        }
    }
    assert_eq!(order(&with_field(&hl7("imaging/narrative"), "OBR-7", "")).collection_date_time, None);
}

#[test]
fn a_time_that_does_not_exist_rejects_the_message() {
    for (name, places) in [
        ("win_path/life/05_results", &["OBR-6", "OBR-7", "OBR-22", "ORC-9"][..]),
        ("co_path/life/04_results", &["OBR-6", "OBR-7", "OBR-22", "ORC-9"]),
        ("imaging/report", &["OBR-6", "OBR-7", "OBR-22", "ORC-9"]),
        ("abl90/gas", &["OBR-6", "OBR-7", "OBR-22", "OBR-14", "OBX-14"]),
        ("bio_connect/glucose", &["OBR-6", "OBR-7", "OBR-22", "OBR-14"]),
        ("bank_manager/group_and_screen", &["OBR-6", "OBR-7", "OBR-22", "OBX-14"]),
    ] {
        for place in places {
            for bad in ["soon", "20240230", "202406102560", "202406100618Z"] {
                let reason = rejected(&with_field(&hl7(name), place, bad));
                assert!(reason.to_string().starts_with(place), "{name} {place}: {reason}");
            }
        }
    }
    // These are not read.
    let unread =
        with_field(&with_field(&hl7("win_path/life/05_results"), "OBR-14", "soon"), "OBR-36", "soon");
    assert_eq!(orders(&unread), orders(&hl7("win_path/life/05_results")));
}

#[test]
fn a_time_may_be_deleted_where_it_is_wrapped() {
    let deleted = order(&with_field(&simple(), "OBR-6", "\"\""));
    assert_eq!(deleted.requested_date_time, Delete(None));
    assert_eq!(order(&simple()).requested_date_time, Unknown);
    assert_eq!(order(&with_field(&simple(), "OBR-22", "\"\"")).status_change_time, None);
    let entered = order(&with_field(&hl7("win_path/life/03_sn"), "ORC-9", "\"\""));
    assert_eq!((entered.order_date_time, entered.status_change_time), (Delete(None), None));
    let gas = order(&with_field(&hl7("abl90/gas"), "OBR-14", "\"\""));
    assert_eq!((gas.order_date_time, gas.sample_received_time), (Delete(None), Delete(None)));
    assert_eq!(gas.status_change_time, None);
    assert_eq!(order(&with_field(&hl7("abl90/gas"), "OBR-14", "")).order_date_time, Unknown);
}

#[test]
fn the_sample_and_how_it_was_taken() {
    let sample_of = |sample: &str| {
        let order = order(&with_field(&main_laboratory(), "OBR-15", sample));
        (order.specimen_type, order.collection_method)
    };
    assert_eq!(sample_of(""), (Unknown, Unknown));
    assert_eq!(sample_of(" BLD&Blood"), (save("BLD"), Unknown));
    assert_eq!(sample_of("\"\"^^\"\""), (Delete(None), Delete(None)));
    assert_eq!(sample_of("^^Left target 3/5 "), (Unknown, save("Left target 3/5")));
    assert_eq!(sample_of("^^apex \\T\\ base&left&  right"), (Unknown, save("apex & base, left,   right")));
    assert_eq!(sample_of("^^a&&c&"), (Unknown, save("a, c")), "nothing is no part");
}

#[test]
fn what_the_clinician_wrote() {
    let information_of = |information: &str, reasons: &str| {
        let text = with_field(&with_field(&main_laboratory(), "OBR-13", information), "OBR-31", reasons);
        order(&text).clinical_information
    };
    assert_eq!(information_of("", ""), Unknown);
    assert_eq!(information_of(" R\\S\\L \\T\\ more", "^no"), save("R^L & more"));
    assert_eq!(information_of("\"\"", "^no"), Delete(None));
    assert_eq!(information_of("", "^pain~x^ fever~~^cough "), save("pain\nfever\n\ncough"));
}

#[test]
fn codes_of_the_order_are_passed_on_raw() {
    let text = with_field(&with_field(&main_laboratory(), "OBR-24", "H1^Haematology"), "OBR-25", "A");
    let found = order(&with_field(&text, "OBR-4", " FBC^Count^WinPath"));
    assert_eq!(found.lab_department.as_deref(), Some("H1"));
    assert_eq!(found.result_status.as_deref(), Some("A"));
    assert_eq!(found.test_battery_local_code.as_deref(), Some("FBC"));
    assert_eq!(found.test_battery_coding_system.as_deref(), Some("WIN_PATH"));
    assert_eq!(found.sample_site, Unknown);
}

#[test]
fn orders_with_other_control_codes_are_left_out() {
    let systems = [
        ("win_path/life/01_nw", &["RE", "NW", "SC", "SN", "NA", "CA", "CR", "OC"][..]),
        ("co_path/cancelled/01_nw", &["RE", "NW", "SC", "SN", "NA", "CA", "CR", "OC"]),
        ("imaging/report", &["RE"]),
        ("bio_connect/glucose", &["NW"]),
        ("bank_manager/group_and_screen", &["SC", "RE", "OC"]),
    ];
    for (name, passed_on) in systems {
        // With a sender there is always a patient to send, whatever becomes of the order.
        let text = with_field(&hl7(name), "PV1-2", "I").replacen("MSH|^~\\&||", "MSH|^~\\&|LAB|", 1);
        for control in ["RE", "NW", "SC", "SN", "NA", "CA", "CR", "OC", "XO", "re", "R E", "\"\""] {
            let found = orders_of(&with_field(&text, "ORC-1", control));
            assert_eq!(found.len(), usize::from(passed_on.contains(&control)), "{name} {control}");
        }
    }
}

/// Orders of a message, which may be none at all because there is no visit segment.
fn orders_of(text: &str) -> Vec<emap_interchange::LabOrder> {
    match crate::support::convert(text).outcome {
        emap_ids_reader::ConversionOutcome::Skipped { reason: SkipReason::NoImpliedAdt(_) } => Vec::new(),
        _ => orders(text),
    }
}

#[test]
fn an_order_without_control_code() {
    for name in [
        "win_path/life/01_nw",
        "win_path/life/04_na",
        "win_path/life/05_results",
        "co_path/life/01_sn",
        "imaging/report",
    ] {
        let reason = rejected(&with_field(&hl7(name), "ORC-1", ""));
        assert!(matches!(reason, RejectReason::NoControl(_)), "{name}: {reason}");
    }
    for name in ["bio_connect/glucose", "bank_manager/group_and_screen"] {
        assert_eq!(orders_of(&with_field(&hl7(name), "ORC-1", "")), [], "{name}");
    }
}

#[test]
fn an_order_that_is_left_out_still_has_to_be_right() {
    let text = with_field(&hl7("win_path/life/05_results"), "ORC-1", "XO");
    assert_eq!(orders(&text).len(), 1);
    assert!(matches!(rejected(&with_field(&text, "ORC-2", "1")), RejectReason::OrderNumbers(_)));
}

#[test]
fn results_of_several_patients_are_skipped() {
    for name in ["win_path/life/05_results", "co_path/life/04_results", "imaging/report"] {
        let one = hl7(name);
        let (header, rest) = one.split_once('\n').unwrap();
        let other = rest.replace("6005", "6999");
        assert_eq!(skipped(&format!("{one}{other}")), SkipReason::SeveralPatients, "{name}");
        assert_eq!(skipped(&format!("{one}{header}\n{rest}")), SkipReason::SeveralPatients, "{name}");
    }
    // Of these the first patient's are read.
    for name in ["bio_connect/glucose", "bank_manager/group_and_screen"] {
        let one = hl7(name);
        let (_, rest) = one.split_once('\n').unwrap();
        assert_eq!(
            order_messages(&format!("{one}{}", rest.replace("6005", "6999"))),
            order_messages(&one),
            "{name}"
        );
    }
}

#[test]
fn two_orders_in_one_text_are_no_message() {
    let twice = hl7("win_path/life/01_nw").repeat(2);
    assert_eq!(rejected(&twice).label(), "parse");
}

#[test]
fn blood_products_are_not_read() {
    let text = with_field(&hl7("bank_manager/group_and_screen"), "OBR-4", "RBC^Red cells^^Products");
    assert_eq!(skipped(&text), SkipReason::CodingSystem(CodingSystem::BloodProducts));
}

#[test]
fn values() {
    let value_of = |data_type: &str, value: &str| {
        let result = result(&with_field(&with_field(&simple(), "OBX-2", data_type), "OBX-5", value));
        (result.mime_type, result.string_value)
    };
    let text = |value: &str| (Some(ValueType::Text), save(value));
    assert_eq!(value_of("ST", "  clear "), text("clear "));
    assert_eq!(value_of("FT", "one~  two~~ three~"), text("one\ntwo\n\nthree"));
    assert_eq!(value_of("TX", "  one  ~ two "), text("  one\n two"));
    assert_eq!(value_of("ST", "Tom \\T\\ Jerry, salt & water^sea"), text("Tom & Jerry, salt & water^sea"));
    assert_eq!(value_of("FT", "first\\.br\\second"), text("first\nsecond"));
    assert_eq!(value_of("ST", "\\E\\T\\E\\"), text("\\T\\"), "unescaped once");
    assert_eq!(value_of("ST", ""), (Some(ValueType::Text), Unknown));
    assert_eq!(value_of("ST", "~"), (Some(ValueType::Text), Unknown));
    assert_eq!(value_of("ST", "\"\""), (Some(ValueType::Text), Delete(None)));
    assert_eq!(value_of("ST", "\"\"~x"), text("\"\"\nx"));
    for other in ["CE", "TM", "SN", "ED"] {
        assert_eq!(value_of(other, "1"), (None, Unknown), "{other}");
    }
}

#[test]
fn numbers_and_operators() {
    let number_in = |value: &str| {
        let result = result(&with_field(&simple(), "OBX-5", value));
        assert_eq!(result.mime_type, Some(ValueType::Numeric), "{value}");
        (result.result_operator.unwrap_or_default(), result.numeric_value)
    };
    for (value, operator, number) in [
        ("7", "=", 7.0),
        ("<7", "<", 7.0),
        (">7", ">", 7.0),
        ("> 7.5", ">", 7.5),
        ("-0.5", "=", -0.5),
        (".5", "=", 0.5),
        ("1e3 ", "=", 1000.0),
        ("5~", "=", 5.0),
    ] {
        assert_eq!(number_in(value), (operator.to_owned(), Save(number)), "{value}");
    }
    for (value, operator) in [
        ("?7", "="),
        ("<=7", "<"),
        ("<", "<"),
        (">>7", ">"),
        ("=7", "="),
        ("1,000", "="),
        ("NaN", "="),
        ("Infinity", "="),
        ("5d", "="),
        ("0x1p3", "="),
        ("5~6", "="),
        ("1e999", "="),
        ("\u{ff1c}7", "="),
    ] {
        assert_eq!(number_in(value), (operator.to_owned(), Delete(None)), "{value}");
    }
    for nothing in ["", "\"\"", "~"] {
        assert_eq!(number_in(nothing), (String::new(), Unknown), "{nothing}");
    }
    let unreadable = result(&with_field(&simple(), "OBX-5", "?7"));
    assert_eq!(unreadable.string_value, save("?7"), "the text is kept");
}

#[test]
fn ranges() {
    let range_of = |range: &str| {
        let result = result(&with_field(&simple(), "OBX-7", range));
        (result.reference_low, result.reference_high)
    };
    assert_eq!(range_of("3.0-10.0"), (Save(3.0), Save(10.0)));
    assert_eq!(range_of(" 3 - 10 "), (Save(3.0), Save(10.0)));
    assert_eq!(range_of("<5"), (Delete(None), Save(5.0)));
    assert_eq!(range_of("<<5"), (Delete(None), Save(5.0)));
    assert_eq!(range_of(">60"), (Save(60.0), Delete(None)));
    assert_eq!(range_of("3-10-"), (Save(3.0), Save(10.0)));
    for none in ["", "0-2-7.2", "5-", "-", "\"\"", "-5", "-5-10", ">2-7.2", "1-x", "<", ">x", "NaN-5", "NEG"]
    {
        assert_eq!(range_of(none), (Unknown, Unknown), "{none}");
    }
}

#[test]
fn status_of_results() {
    use LabResultStatus as Status;
    let status_of = |status: &str| result(&with_field(&simple(), "OBX-11", status)).result_status.unwrap();
    for (code, status) in [
        ("F", Status::Final),
        ("C", Status::Corrected),
        ("P", Status::Preliminary),
        ("I", Status::Incomplete),
        ("X", Status::ResultNotAvailable),
        ("D", Status::Deleted),
        ("W", Status::InvalidResult),
        ("Z", Status::NonstandardValue),
        ("", Status::Unknown),
        ("f", Status::Unknown),
        ("\"\"", Status::Unknown),
        ("Q", Status::Unknown),
    ] {
        assert_eq!(status_of(code), status, "{code}");
    }
}

#[test]
fn abnormal_flags() {
    let flag_of = |text: &str, flag: &str| result(&with_field(text, "OBX-8", flag)).abnormal_flag;
    let delete: InterchangeValue<String> = Delete(None);
    for (flag, expected) in [
        ("H", save("H")),
        ("", delete.clone()),
        ("\"\"", delete.clone()),
        ("H~A", save("HA")),
        ("N", save("N")),
    ] {
        assert_eq!(flag_of(&simple(), flag), expected, "{flag}");
    }
    let glucose = hl7("bio_connect/glucose");
    assert_eq!(flag_of(&glucose, "N"), delete, "this system flags what is normal");
    assert_eq!(flag_of(&glucose, "n"), save("n"));
}

#[test]
fn units_codes_and_notes() {
    let noted = |notes: &str| {
        let text =
            with_field(&with_field(&simple(), "OBX-6", " x10\\S\\9/L^y"), "OBX-3", "A\\T\\B^name^Local^x");
        result(&format!("{text}\n{notes}"))
    };
    let found = noted("NTE|1||one~ two ~\nNTE|2\nNTE|3|L|three\\T\\four ");
    assert_eq!(found.units, save("x10^9/L"));
    assert_eq!(found.test_item_local_code.as_deref(), Some("A&B"));
    assert_eq!(found.notes, save("one\ntwo\nthree&four"));
    assert_eq!(noted("NTE|1").notes, Unknown);
    assert_eq!(noted("NTE|1||\"\"").notes, Delete(None));
}

#[test]
fn a_value_without_a_known_type_rejects_the_message() {
    for data_type in ["", "XX", "st"] {
        let reason = rejected(&with_field(&simple(), "OBX-2", data_type));
        assert!(matches!(reason, RejectReason::DataType(_)), "{data_type}: {reason}");
    }
}

#[test]
fn strange_segments_separate_nothing() {
    for name in
        ["win_path/life/01_nw", "win_path/life/05_results", "imaging/report", "co_path/life/04_results"]
    {
        let ordinary = hl7(name);
        let strange = ordinary
            .replace("\nPV1|", "\nZPA|1\nDG1|1\nPV1|")
            .replace("\nORC|", "\nZPV|1\nNTE|1||of nobody\nFT1|1\nORC|")
            .replace("\nOBR|", "\nZOR|1\nOBR|")
            .replace("\nOBX|", "\nZBX|1\nFT1|1\nOBX|")
            .replace("\nNTE|2", "\nZNT|1\nNTE|2");
        // A note before ORC belongs to what stands before it: here to the patient, later to the last result.
        let strange = match strange.rfind("\nNTE|1||of nobody") {
            Some(at) if ordinary.matches("\nORC|").count() > 1 => {
                format!("{}{}", &strange[..at], &strange[at + "\nNTE|1||of nobody".len()..])
            }
            _ => strange,
        };
        assert_eq!(order_messages(&strange), order_messages(&ordinary), "{name}");
    }
}

#[test]
fn observations_of_a_specimen_are_no_results() {
    let text = hl7("win_path/cancelled/06_results");
    let specimen = format!("{text}SPM|1\nOBX|1|NM|VOL||5||||||F\nNTE|1||of the specimen\n");
    assert_eq!(order_messages(&specimen), order_messages(&text));
}
