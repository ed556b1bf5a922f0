use emap_ids_reader::{ConversionOutcome, Converter};
use emap_interchange::{Condition, ConditionKind, Instant, InterchangeValue};
use emap_test_support::messages::at;

use super::support::{self, conditions, conditions_of, left_out, triggered};

fn message(mrn: &str, infections: &str) -> String {
    triggered("A05", &[("PID-3", mrn)]) + "\nZIF|" + infections
}

fn infections(list: &str) -> Vec<Condition> {
    conditions(&message("60020001", list))
}

fn resolved(condition: &Condition) -> &InterchangeValue<Instant> {
    let ConditionKind::PatientInfection { resolved_date_time } = &condition.kind else {
        panic!("{condition:?}")
    };
    resolved_date_time
}

/// Codes of the infections that are sent.
fn sent_codes(converter: &mut Converter, text: &str) -> Vec<String> {
    match converter.convert(support::SOURCE_ID, text.as_bytes()).outcome {
        ConversionOutcome::Messages(messages) => {
            conditions_of(&messages).into_iter().filter_map(|infection| infection.condition_code).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_minimal_one() {
    let expected = Condition {
        mrn: Some("60020001".to_owned()),
        updated_date_time: Some(at("2024-01-05T10:30:00Z")),
        added_date_time: Some(at("2023-07-07T11:30:00Z")),
        condition_code: Some("VRE".to_owned()),
        ..Condition::from(ConditionKind::PatientInfection { resolved_date_time: InterchangeValue::Unknown })
    };
    assert_eq!(infections("VRE^202307071230"), [expected]);
}

#[test]
fn resolution() {
    let resolution_of = |list: &str| resolved(&infections(list)[0]).clone();
    assert_eq!(resolution_of("VRE^20230707^20230708"), InterchangeValue::Save(at("2023-07-07T23:00:00Z")));
    assert_eq!(resolution_of("VRE^20230707^\"\""), InterchangeValue::Delete(None));
    assert_eq!(resolution_of("VRE^20230707^"), InterchangeValue::Unknown);
}

#[test]
fn without_a_time_there_is_no_infection() {
    for list in ["", "VRE", "VRE^", "VRE^\"\"", "VRE^^20230707", "~~", "\"\""] {
        assert_eq!(infections(list), [], "{list}");
    }
    assert_eq!(conditions(&triggered("A05", &[])), []);
}

#[test]
fn infections_before_the_start_of_the_service_are_left_out() {
    assert_eq!(infections("VRE^20190401005959"), []);
    assert_eq!(infections("VRE^20190401010000").len(), 1);
}

#[test]
fn all_that_are_listed_are_sent_in_whatever_order() {
    let text = message("7", "A^20230707~B^20220707~^20230101~C^20230707")
        + "\nOBX|1|TX|A||1\nZIF|D^20210707\nZXX|1\nZIF|E^20230808";
    assert_eq!(sent_codes(&mut support::converter(), &text), ["A", "B", "", "C", "D", "E"]);
}

#[test]
fn what_was_sent_before_is_not_sent_again() {
    let mut converter = support::converter();
    let mut sent = |list: &str| sent_codes(&mut converter, &message("60020001", list));
    assert_eq!(sent("A^20230505~B^20230507"), ["A", "B"]);
    // The latest is sent again: another may have been noted at the same time.
    assert_eq!(sent("A^20230505~B^20230507"), ["B"]);
    assert_eq!(sent("A^20230505~B^20230507~C^20230507~D^20230508"), ["B", "C", "D"]);
    assert_eq!(sent("B^20230507"), [""; 0]);
}

#[test]
fn each_patient_has_an_own_history() {
    let mut converter = support::converter();
    assert_eq!(sent_codes(&mut converter, &message("1", "A^20230505")), ["A"]);
    assert_eq!(sent_codes(&mut converter, &message("2", "B^20210505")), ["B"]);
    assert_eq!(sent_codes(&mut converter, &message("1", "A^20210505")), [""; 0]);
    // Without a number it might be anybody.
    assert_eq!(sent_codes(&mut converter, &message("", "A^20230505")), ["A"]);
    assert_eq!(sent_codes(&mut converter, &message("\"\"", "B^20210505")), ["B"]);
}

#[test]
fn of_a_rejected_message_nothing_is_sent() {
    let mut converter = support::converter();
    let bad = message("1", "A^20230505").replace("PV1|1|I", "PV1|1|?");
    let outcome = converter.convert(support::SOURCE_ID, bad.as_bytes()).outcome;
    assert!(matches!(outcome, ConversionOutcome::Rejected { .. }), "{outcome:?}");
    assert_eq!(sent_codes(&mut converter, &message("1", "B^20210505")), ["B"]);
}

#[test]
fn an_unreadable_time_leaves_the_infection_out_and_harms_no_other() {
    for bad in ["B^soon", "B^20230505^soon", "B^^soon", "B^20190231", "B^2023"] {
        let text = message("7", &format!("A^20230505~{bad}~C^20230505"));
        let codes: Vec<_> = conditions(&text).into_iter().filter_map(|found| found.condition_code).collect();
        assert_eq!(codes, ["A", "C"], "{bad}");
        let [left_out] = &*left_out(&text) else { panic!("{bad}") };
        assert!(left_out.starts_with("ZIF-1[2] (segment 6): ZIF-1[2] (segment 6): "), "{left_out}");
    }
    let alone = support::messages(&message("7", "B^soon"));
    assert_eq!(alone.len(), 1, "patient and visit");
}

#[test]
fn only_appointments_list_infections() {
    for trigger in ["A01", "A08", "A28", "A31", "A60"] {
        assert_eq!(conditions(&(triggered(trigger, &[]) + "\nZIF|VRE^20230707")), [], "{trigger}");
    }
}
