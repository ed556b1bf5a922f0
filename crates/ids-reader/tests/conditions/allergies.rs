use chrono::NaiveDate;
use emap_interchange::{Condition, ConditionAction, ConditionKind, InterchangeValue};
use emap_test_support::messages::at;

use super::{
    changed, save, segment,
    support::{conditions, left_out, rejected, triggered},
};

const ALLERGY: [(usize, &str); 4] = [(2, "Food"), (3, "^NUTS"), (6, "A"), (7, "17")];

fn message(changes: &[(usize, &str)]) -> String {
    triggered("A60", &[]) + "\n" + &segment("IAM", &changed(&ALLERGY, changes))
}

fn allergy(changes: &[(usize, &str)]) -> Condition {
    conditions(&message(changes)).remove(0)
}

fn reactions(condition: &Condition) -> &[String] {
    let ConditionKind::PatientAllergy { reactions } = &condition.kind else { panic!("{condition:?}") };
    reactions
}

#[test]
fn a_minimal_one() {
    let expected = Condition {
        mrn: Some("60020001".to_owned()),
        updated_date_time: Some(at("2024-01-05T10:30:00Z")),
        condition_code: Some("NUTS".to_owned()),
        condition_name: save("NUTS"),
        sub_type: save("Food"),
        epic_condition_id: InterchangeValue::Save(17),
        ..Condition::from(ConditionKind::PatientAllergy { reactions: Vec::new() })
    };
    assert_eq!(allergy(&[]), expected);
}

#[test]
fn actions() {
    use ConditionAction::{Add, Delete, Update};
    for (code, action) in [("A", Add), ("D", Delete), ("U", Update), ("X^x", Update)] {
        assert_eq!(allergy(&[(6, code)]).action, Some(action), "{code}");
    }
    for wrong in ["", "a", "AD", "\"\""] {
        let reason = rejected(&message(&[(6, wrong)]));
        assert_eq!(reason.to_string(), "IAM-6 (segment 6): unknown action", "{wrong}");
        assert_eq!(reason.label(), "condition_action");
    }
}

#[test]
fn ids_are_decimal_numbers() {
    for (text, id) in [("017", 17), ("-3", -3), ("+8", 8), (" 17 ", 17), ("9223372036854775807", i64::MAX)] {
        assert_eq!(allergy(&[(7, text)]).epic_condition_id, InterchangeValue::Save(id));
    }
    for wrong in ["", "\"\"", "0x11", "17.0", "1 7", "9223372036854775808", "seventeen"] {
        let reason = rejected(&message(&[(7, wrong)]));
        assert_eq!(reason.to_string(), "IAM-7 (segment 6): no whole number", "{wrong}");
    }
}

#[test]
fn reactions_are_every_repetition() {
    assert_eq!(reactions(&allergy(&[(5, "Rash~~Hives^H~\"\"")])), ["Rash", "Hives", "\"\""]);
    assert_eq!(reactions(&allergy(&[(5, "~")])), [""; 0]);
}

#[test]
fn onset_is_a_date() {
    let date = |year, month, day| InterchangeValue::Save(NaiveDate::from_ymd_opt(year, month, day).unwrap());
    let cases = [
        ("20230707", date(2023, 7, 7)),
        ("202307", date(2023, 7, 1)),
        ("2023", date(2023, 1, 1)),
        ("", InterchangeValue::Unknown),
        ("\"\"", InterchangeValue::Delete(None)),
    ];
    for (text, expected) in cases {
        assert_eq!(allergy(&[(11, text)]).onset_date, expected, "{text}");
    }
    assert_eq!(
        rejected(&message(&[(11, "20230707120000")])).to_string(),
        "IAM-11 (segment 6): more than a date"
    );
    assert_eq!(rejected(&message(&[(11, "20230732")])).label(), "timestamp");
}

#[test]
fn times_and_texts() {
    let found = allergy(&[(4, "\"\""), (13, "202307071200"), (17, "Active")]);
    assert_eq!(found.added_date_time, Some(at("2023-07-07T11:00:00Z")));
    assert_eq!((found.severity, found.status), (InterchangeValue::Delete(None), save("Active")));
    let old = allergy(&[(13, "19710101"), (3, "CODE ONLY")]);
    assert_eq!(old.added_date_time, Some(at("1970-12-31T23:00:00Z")));
    assert_eq!((old.condition_code.as_deref(), old.condition_name), (Some(""), InterchangeValue::Unknown));
    for unsaid in ["", "\"\""] {
        assert_eq!(allergy(&[(13, unsaid)]).added_date_time, None);
    }
    assert_eq!(rejected(&message(&[(13, "soon")])).label(), "timestamp");
}

#[test]
fn nothing_stands_between_allergies() {
    let iam = |name: &str| segment("IAM", &changed(&ALLERGY, &[(3, name)]));
    let body =
        [&iam("^A"), "ZXX|1", &iam("^B"), "PV1|1|?", "NTE|1||n", &iam("^C"), "DG1|1", &iam("^D")].join("\n");
    let found = conditions(&(triggered("A60", &[]) + "\n" + &body));
    let codes: Vec<_> = found.iter().filter_map(|condition| condition.condition_code.as_deref()).collect();
    assert_eq!(codes, ["A", "B", "C", "D"]);
}

#[test]
fn one_bad_allergy_harms_no_other() {
    let iam = |changes: &[(usize, &str)]| segment("IAM", &changed(&ALLERGY, changes));
    let text = [triggered("A60", &[]), iam(&[]), iam(&[(6, "?")]), iam(&[(7, "18")])].join("\n");
    let ids: Vec<_> =
        conditions(&text).iter().map(|found| found.epic_condition_id.saved().copied()).collect();
    assert_eq!(ids, [Some(17), Some(18)]);
    assert_eq!(left_out(&text), ["IAM-7 (segment 7): IAM-6 (segment 7): unknown action"]);
}

#[test]
fn without_any_readable_allergy_the_message_is_rejected() {
    let bad = segment("IAM", &changed(&ALLERGY, &[(6, "?")]));
    assert_eq!(rejected(&format!("{}\n{bad}\n{bad}", triggered("A60", &[]))).label(), "condition_action");
}

#[test]
fn each_allergy_is_of_the_patient_it_follows() {
    let iam = segment("IAM", &ALLERGY);
    let found = conditions(&(message(&[]) + "\nPID|2||60029999\n" + &iam + "\nPID|3||\"\"\n" + &iam));
    let mrns: Vec<_> = found.iter().map(|condition| condition.mrn.as_deref()).collect();
    assert_eq!(mrns, [Some("60020001"), Some("60029999"), None]);
}
