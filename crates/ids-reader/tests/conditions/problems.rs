use chrono::NaiveDate;
use emap_interchange::{Condition, ConditionAction, ConditionKind, InterchangeValue};
use emap_test_support::messages::at;

use super::{
    changed, save, segment,
    support::{self, conditions, left_out, rejected},
};

const PROBLEM: [(usize, &str); 4] = [(1, "AD"), (2, "20240105102800"), (3, "I10^Hypertension"), (4, "17")];

fn prb(changes: &[(usize, &str)]) -> String {
    segment("PRB", &changed(&PROBLEM, changes))
}

/// A message of a patient with these lines at the end.
fn message(lines: &[&str]) -> String {
    support::message(&[("MSH-9", "PPR^PC1")]) + "\n" + &lines.join("\n")
}

fn problem(changes: &[(usize, &str)]) -> Condition {
    conditions(&message(&[&prb(changes)])).remove(0)
}

fn dates(condition: &Condition) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let ConditionKind::PatientProblem { added_date, resolved_date } = condition.kind else {
        panic!("{condition:?}")
    };
    (added_date, resolved_date)
}

#[test]
fn a_minimal_one() {
    let expected = Condition {
        mrn: Some("60020001".to_owned()),
        visit_number: save("5500100001"),
        updated_date_time: Some(at("2024-01-05T10:28:00Z")),
        condition_code: Some("I10".to_owned()),
        condition_name: save("Hypertension"),
        epic_condition_id: InterchangeValue::Save(17),
        ..Condition::from(ConditionKind::PatientProblem { added_date: None, resolved_date: None })
    };
    assert_eq!(problem(&[]), expected);
}

#[test]
fn actions() {
    use ConditionAction::{Add, Delete, Update};
    for (code, action) in [("AD", Add), ("UP", Update), ("DE", Delete)] {
        assert_eq!(problem(&[(1, code)]).action, Some(action), "{code}");
    }
    for wrong in ["", "A", "CO", "ad", "\"\""] {
        let reason = rejected(&message(&[&prb(&[(1, wrong)])]));
        assert_eq!(reason.to_string(), "PRB-1 (segment 6): unknown action", "{wrong}");
    }
    assert_eq!(rejected(&message(&["PRB"])).label(), "condition_action");
    assert_eq!(rejected(&message(&[&prb(&[(4, "")])])).label(), "number");
}

#[test]
fn dates_are_as_written() {
    let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let found = problem(&[(7, "20240701003000"), (9, "202407"), (16, "2023")]);
    assert_eq!(dates(&found), (Some(date(2024, 7, 1)), Some(date(2024, 7, 1))));
    assert_eq!(found.onset_date, InterchangeValue::Save(date(2023, 1, 1)));
    // What is plain cannot be deleted.
    let deleted = problem(&[(2, "\"\""), (7, "\"\""), (9, "\"\""), (16, "\"\"")]);
    assert_eq!((dates(&deleted), deleted.updated_date_time), ((None, None), None));
    assert_eq!(deleted.onset_date, InterchangeValue::Delete(None));
    for field in [2, 7, 9, 16] {
        assert_eq!(rejected(&message(&[&prb(&[(field, "soon")])])).label(), "timestamp", "{field}");
    }
}

#[test]
fn texts() {
    let found = problem(&[(3, "\"\"^\"\""), (13, "ACTIVE^x")]);
    assert_eq!(found.condition_code.as_deref(), Some("\"\""));
    assert_eq!((found.condition_name, found.status), (InterchangeValue::Delete(None), save("ACTIVE")));
    let bare = problem(&[(3, "")]);
    assert_eq!((bare.condition_code.as_deref(), bare.condition_name), (Some(""), InterchangeValue::Unknown));
    assert!(bare.sub_type.is_unknown() && bare.severity.is_unknown() && bare.added_date_time.is_none());
}

#[test]
fn the_visit_stands_with_the_visit_or_with_the_patient() {
    let visit_number = |changes: &[(&str, &str)]| {
        let all = [&[("MSH-9", "PPR^PC2")], changes].concat();
        conditions(&(support::message(&all) + "\n" + &prb(&[])))[0].visit_number.clone()
    };
    assert_eq!(visit_number(&[("PID-18", "55B")]), save("5500100001"));
    assert_eq!(visit_number(&[("PV1-19", ""), ("PID-18", "55B^^^X")]), save("55B"));
    assert_eq!(visit_number(&[("PV1-19", "\"\""), ("PID-18", "55B")]), save("55B"));
    assert_eq!(visit_number(&[("PV1-19", ""), ("PID-18", "\"\"")]), InterchangeValue::Unknown);
    let outpatient = message(&[&prb(&[])]).replace("\nPV1|", "\nZV1|");
    assert_eq!(conditions(&outpatient)[0].visit_number, InterchangeValue::Unknown);
}

#[test]
fn comments_are_the_notes_that_follow() {
    let comment = |lines: &[&str]| conditions(&message(&[&[&*prb(&[])], lines].concat()))[0].comment.clone();
    assert_eq!(comment(&["NTE|1||a", "NTE|2||b --> c", "NTE|3||  d\\T\\e "]), save(" a b --> c   d&e "));
    assert_eq!(comment(&["NTE|1||a~b^c~~d"]), save(" a b  d"));
    assert_eq!(comment(&["NTE|1||\"\""]), save(" \"\""));
    assert_eq!(comment(&["ZXX|1", "NTE|1||a", "VAR|1", "ZXX|2", "NTE|2||b"]), save(" a b"));
    for none in [&[][..], &["NTE|1"], &["NTE|1||~", "NTE|2||"], &["ZXX|1||a"]] {
        assert_eq!(comment(none), InterchangeValue::Unknown, "{none:?}");
    }
}

#[test]
fn notes_of_something_else_are_no_comment() {
    for other in ["OBX|1|TX|A||1", "GOL|AD|2024", "ORC|NW", "OBR|1"] {
        let lines = ["NTE|1||before", &prb(&[]), "NTE|1||mine", other, "NTE|1||not mine", &prb(&[(4, "18")])];
        let comments: Vec<_> = conditions(&message(&lines)).into_iter().map(|found| found.comment).collect();
        assert_eq!(comments, [save(" mine"), InterchangeValue::Unknown], "{other}");
    }
}

#[test]
fn nothing_stands_between_problems() {
    let numbered: Vec<_> = ["1", "2", "3", "4"].map(|number| prb(&[(4, number)])).into();
    let lines = [&numbered[0], "ZPB|1", &numbered[1], "PV2|", "EVN|PC1", &numbered[2], "DG1|1", &numbered[3]];
    let ids: Vec<_> = conditions(&message(&lines)).into_iter().map(|found| found.epic_condition_id).collect();
    assert_eq!(ids, [1, 2, 3, 4].map(InterchangeValue::Save));
}

#[test]
fn each_problem_is_of_the_patient_it_follows() {
    let other = "PID|2||60029999|||||||||||||||55B";
    let found = conditions(&message(&[&prb(&[]), other, &prb(&[])]));
    let whose: Vec<_> =
        found.into_iter().map(|problem| (problem.mrn.unwrap_or_default(), problem.visit_number)).collect();
    assert_eq!(whose, [("60020001".to_owned(), save("5500100001")), ("60029999".to_owned(), save("55B"))]);
}

#[test]
fn the_time_of_the_message_does_not_matter() {
    let text = message(&[&prb(&[])]).replace("20240105103000", "soon");
    assert_eq!(conditions(&text).len(), 1);
}

#[test]
fn one_bad_problem_harms_no_other() {
    let text = message(&[&prb(&[]), &prb(&[(4, "x")]), "NTE|1||of the bad one"]);
    let found = conditions(&text);
    assert_eq!((found.len(), &found[0].comment), (1, &InterchangeValue::Unknown));
    assert_eq!(left_out(&text), ["PRB-4 (segment 7): PRB-4 (segment 7): no whole number"]);
    assert_eq!(rejected(&message(&[&prb(&[(4, "x")])])).label(), "number", "the only one");
}
