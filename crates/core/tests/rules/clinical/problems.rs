//! Problems.

use chrono::NaiveDate;
use emap_core::Outcome;
use emap_interchange::{
    Condition, ConditionAction, ConditionKind,
    InterchangeValue::{self, Save},
};
use emap_star::rows::*;

use super::messages::{at, clarity, epic, problem, text};
use crate::world::World;

fn day(day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2031, 2, day)
}

fn deleted(status: &str, time: &str) -> Condition {
    Condition { action: Some(ConditionAction::Delete), status: text(status), ..problem(time) }
}

fn updated(time: &str) -> Condition {
    Condition { action: Some(ConditionAction::Update), ..problem(time) }
}

fn resolved(day: Option<NaiveDate>, time: &str) -> Condition {
    Condition {
        kind: ConditionKind::PatientProblem { added_date: None, resolved_date: day },
        ..problem(time)
    }
}

fn is_deleted(world: &World) -> bool {
    world.only::<PatientCondition>().is_deleted.unwrap()
}

#[test]
fn live_messages_and_the_extract_say_the_same() {
    let message = Condition {
        condition_name: text("Asthma"),
        visit_number: text("V1"),
        onset_date: InterchangeValue::from_option(day(1)),
        kind: ConditionKind::PatientProblem { added_date: day(2), resolved_date: None },
        ..problem("09:00")
    };
    let worlds = [World::after([epic(message.clone())]), World::after([clarity(message)])];
    for world in worlds {
        let row: PatientCondition = world.only();
        assert_eq!((row.added_date, row.onset_date, row.added_datetime), (day(2), day(1), None));
        assert_eq!(row.mrn_id, world.only::<Mrn>().mrn_id);
        assert_eq!(row.hospital_visit_id, Some(world.only::<HospitalVisit>().hospital_visit_id));
        let kind: ConditionType = world.only();
        assert_eq!((kind.internal_code.as_deref(), kind.name.as_deref()), (Some("J45"), Some("Asthma")));
        assert_eq!(kind.data_type, "PROBLEM_LIST");
    }
}

#[test]
fn another_code_is_another_problem() {
    let other = Condition { condition_code: Some("J46".to_owned()), ..problem("09:00") };
    let world = World::after([epic(problem("09:00")), epic(other)]);
    assert_eq!((world.count::<PatientCondition>(), world.count::<ConditionType>()), (2, 2));
}

#[test]
fn a_newer_message_renames_the_kind_and_confirms_the_problem() {
    let named = |name: &str, time| epic(Condition { condition_name: text(name), ..problem(time) });
    let mut world = World::after([named("Asthma", "09:00"), named("Wheeze", "08:00")]);
    assert_eq!(world.only::<PatientCondition>().valid_from, at("09:00"));
    assert_eq!(world.only::<ConditionType>().name.as_deref(), Some("Asthma"));
    world.receive([named("Asthma, mild", "10:00")]);
    assert_eq!(world.only::<PatientCondition>().valid_from, at("10:00"));
    assert_eq!(world.only::<ConditionType>().name.as_deref(), Some("Asthma, mild"));
    let former: PatientConditionAudit = world.only();
    assert_eq!(
        (former.valid_from, former.valid_until),
        (at("09:00"), Some(at("10:00"))),
        "no gap in the history"
    );
}

#[test]
fn an_unnamed_kind_takes_its_name_from_any_message() {
    let older = Condition { condition_name: text("Asthma"), ..problem("08:00") };
    let world = World::after([epic(problem("09:00")), epic(older)]);
    let kind: ConditionType = world.only();
    assert_eq!((kind.name.as_deref(), kind.valid_from), (Some("Asthma"), at("08:00")));
    assert_eq!(world.only::<PatientCondition>().valid_from, at("09:00"), "the problem itself is not touched");
}

#[test]
fn a_resolution_is_noted_and_can_be_taken_back() {
    let mut world = World::after([epic(problem("09:00")), epic(resolved(day(20), "10:00"))]);
    assert_eq!(world.only::<PatientCondition>().resolution_date, day(20));
    assert_eq!(world.count::<PatientConditionAudit>(), 1);
    world.receive([epic(resolved(None, "11:00"))]);
    assert_eq!(world.only::<PatientCondition>().resolution_date, None);
}

#[test]
fn deleting_an_active_problem_marks_it() {
    let added = Condition {
        kind: ConditionKind::PatientProblem { added_date: day(2), resolved_date: None },
        ..problem("09:00")
    };
    let world = World::after([epic(added), epic(deleted("Active", "10:00"))]);
    assert!(is_deleted(&world));
    assert_eq!(world.only::<PatientConditionAudit>().added_date, day(2));
    assert_eq!(world.only::<PatientCondition>().added_date, None, "the deletion named none");
    assert!(is_deleted(&World::after([epic(deleted("ACTIVE", "10:00"))])), "a deletion of nothing is kept");
    for status in ["Deleted", "Resolved"] {
        assert!(!is_deleted(&World::after([epic(deleted(status, "10:00"))])));
    }
}

#[test]
fn an_older_addition_does_not_bring_a_deleted_problem_back_but_a_newer_one_does() {
    let mut world = World::after([epic(deleted("Active", "10:00")), epic(problem("09:00"))]);
    assert!(is_deleted(&world));
    world.receive([epic(updated("11:00"))]);
    assert!(!is_deleted(&world));
}

#[test]
fn of_one_moment_the_addition_wins_in_either_order() {
    assert!(!is_deleted(&World::after([epic(problem("09:00")), epic(deleted("Active", "09:00"))])));
    assert!(!is_deleted(&World::after([epic(deleted("Active", "09:00")), epic(problem("09:00"))])));
    let extract = [clarity(problem("09:00")), clarity(deleted("Active", "09:00"))];
    assert!(is_deleted(&World::after(extract)), "the extract is in order");
}

#[test]
fn additions_and_updates_lead_to_the_same() {
    let content = |message| World::after([epic(message)]).content();
    assert_eq!(content(problem("09:00")), content(updated("09:00")));
}

#[test]
fn every_visit_that_mentions_a_problem_is_linked_once() {
    let during = |visit: &str, time| epic(Condition { visit_number: text(visit), ..problem(time) });
    let world = World::after([
        during("V1", "09:00"),
        during("V1", "10:00"),
        during("V2", "11:00"),
        during("V3", "08:00"),
        epic(problem("12:00")),
    ]);
    let links: Vec<ConditionVisit> = world.rows();
    let visits: Vec<HospitalVisit> = world.rows();
    let mut linked: Vec<&str> = links
        .iter()
        .map(|link| visits.iter().find(|visit| visit.hospital_visit_id == link.hospital_visit_id).unwrap())
        .map(|visit| visit.encounter.as_str())
        .collect();
    linked.sort_unstable();
    assert_eq!(linked, ["V1", "V2", "V3"], "messages too old to change the problem link their visit too");
    assert_eq!(world.only::<PatientCondition>().hospital_visit_id, None, "the newest message named none");
}

#[test]
fn a_deletion_needs_a_status() {
    let unknown = Condition { status: InterchangeValue::Unknown, ..deleted("", "10:00") };
    let cleared = Condition { status: InterchangeValue::delete(), ..deleted("", "10:00") };
    let mut world = World::in_memory();
    assert_eq!(world.receive([epic(unknown.clone())]), [Outcome::RequiredDataMissing]);
    assert_eq!((world.count::<ConditionType>(), world.count::<PatientCondition>()), (1, 0));
    let mut world = World::after([epic(problem("09:00"))]);
    let before: PatientCondition = world.only();
    assert_eq!(world.receive([epic(unknown), epic(cleared)]), [Outcome::RequiredDataMissing, Outcome::Error]);
    assert_eq!(world.only::<PatientCondition>(), before, "nothing is half done");
    let idle = Condition { action: None, epic_condition_id: Save(22), ..problem("10:00") };
    assert_eq!(world.receive([epic(idle)]), [Outcome::RequiredDataMissing]);
    assert_eq!(world.only::<PatientCondition>(), before);
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        epic(deleted("Active", "09:00")),
        epic(problem("09:00")),
        epic(Condition { visit_number: text("V1"), ..updated("10:00") }),
        epic(Condition { status: InterchangeValue::Unknown, ..deleted("", "11:00") }),
        clarity(resolved(day(20), "11:30")),
        clarity(resolved(day(20), "11:45")),
        epic(Condition { visit_number: text("V2"), condition_name: text("Asthma"), ..problem("08:00") }),
    ]);
}
