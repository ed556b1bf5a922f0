//! Allergies and reactions.

use chrono::NaiveDate;
use emap_core::Outcome;
use emap_interchange::{
    Condition, ConditionAction,
    InterchangeValue::{self, Save},
};
use emap_star::rows::*;

use super::messages::{allergy, at, clarity, epic, text};
use crate::world::World;

fn reactions(world: &World) -> Vec<String> {
    let rows: Vec<AllergenReaction> = world.rows();
    rows.into_iter().map(|row| row.name.unwrap()).collect()
}

#[test]
fn an_allergy_makes_patient_kind_and_condition_known() {
    let onset = NaiveDate::from_ymd_opt(2030, 6, 1).unwrap();
    let message = Condition {
        condition_name: text("Peanut"),
        sub_type: text("FOOD"),
        added_date_time: Some(at("07:00")),
        onset_date: Save(onset),
        ..allergy(&[], "09:00")
    };
    let world = World::after([epic(message)]);
    assert_eq!(world.count::<Mrn>(), 1);
    let kind: ConditionType = world.only();
    assert_eq!((kind.data_type.as_str(), kind.internal_code.as_deref()), ("PATIENT_ALLERGY", Some("PEANUT")));
    assert_eq!((kind.name.as_deref(), kind.sub_type.as_deref()), (Some("Peanut"), Some("FOOD")));
    assert_eq!((kind.valid_from, kind.standardised_code), (at("09:00"), None));
    let row: PatientCondition = world.only();
    assert_eq!((row.added_datetime, row.onset_date), (Some(at("07:00")), Some(onset)));
    assert_eq!((row.internal_id, row.is_deleted), (Some(11), Some(false)));
    assert_eq!((row.priority, row.comment, row.resolution_datetime), (None, None, None));
    assert_eq!(world.count::<AllergenReaction>() + world.count::<PatientConditionAudit>(), 0);
}

#[test]
fn a_repeated_message_changes_nothing() {
    let message =
        Condition { severity: text("High"), status: text("Active"), ..allergy(&["rash", "cough"], "09:00") };
    let mut world = World::after([clarity(message.clone())]);
    let before = world.content();
    world.receive([clarity(message)]);
    assert_eq!(world.content(), before);
    assert_eq!(reactions(&world), ["rash", "cough"]);
    let row: PatientCondition = world.only();
    assert_eq!((row.severity.as_deref(), row.status.as_deref()), (Some("High"), Some("Active")));
}

#[test]
fn patients_have_their_own_allergies_and_share_the_kind() {
    let other =
        Condition { mrn: Some("M2".to_owned()), epic_condition_id: Save(12), ..allergy(&["rash"], "09:00") };
    let world = World::after([clarity(allergy(&["rash", "cough"], "09:00")), clarity(other)]);
    assert_eq!((world.count::<PatientCondition>(), world.count::<ConditionType>()), (2, 1));
    assert_eq!(world.count::<AllergenReaction>(), 3);
}

#[test]
fn newer_columns_apply_and_older_do_not() {
    let newer = Condition { comment: text("mild"), ..allergy(&[], "10:00") };
    let older = Condition { status: text("Inactive"), ..allergy(&[], "08:00") };
    let world = World::after([clarity(allergy(&[], "09:00")), clarity(newer), clarity(older)]);
    let row: PatientCondition = world.only();
    assert_eq!((row.comment.as_deref(), row.status, row.valid_from), (Some("mild"), None, at("10:00")));
    assert_eq!(world.count::<PatientConditionAudit>(), 1);
}

#[test]
fn a_message_of_equal_time_counts_and_what_it_leaves_out_is_cleared_or_kept() {
    let first = Condition {
        added_date_time: Some(at("07:00")),
        status: text("Active"),
        severity: text("High"),
        ..allergy(&["rash"], "09:00")
    };
    let second = Condition { status: text("Inactive"), ..allergy(&["rash"], "09:00") };
    let row: PatientCondition = World::after([clarity(first), clarity(second)]).only();
    assert_eq!((row.status.as_deref(), row.severity.as_deref()), (Some("Inactive"), Some("High")));
    assert_eq!(row.added_datetime, None, "a plain time that is not there is no time");
}

#[test]
fn a_kind_changes_with_newer_messages_only() {
    let of_kind = |name: &str, time| {
        clarity(Condition { condition_name: text(name), sub_type: text(name), ..allergy(&[], time) })
    };
    let mut world =
        World::after([of_kind("Nut", "09:00"), of_kind("Older", "08:00"), of_kind("Same", "09:00")]);
    let said = |world: &World| {
        let kind: ConditionType = world.only();
        (kind.name.unwrap(), kind.sub_type.unwrap(), kind.valid_from)
    };
    assert_eq!(said(&world), ("Nut".to_owned(), "Nut".to_owned(), at("09:00")));
    world.receive([of_kind("Legume", "10:00")]);
    assert_eq!(said(&world), ("Legume".to_owned(), "Legume".to_owned(), at("10:00")));
    let former: ConditionTypeAudit = world.only();
    assert_eq!((former.name.as_deref(), former.valid_until), (Some("Nut"), Some(at("10:00"))));
}

#[test]
fn every_visit_that_mentions_an_allergy_is_linked_once() {
    let during = |visit: &str, time| clarity(Condition { visit_number: text(visit), ..allergy(&[], time) });
    let world = World::after([during("V1", "09:00"), during("V1", "10:00"), during("V2", "08:00")]);
    let visits: Vec<_> = world.rows::<HospitalVisit>().iter().map(|visit| visit.hospital_visit_id).collect();
    let linked: Vec<_> = world.rows::<ConditionVisit>().iter().map(|link| link.hospital_visit_id).collect();
    assert_eq!(linked, visits, "also by a message too old to change the allergy");
    assert_eq!(world.only::<PatientCondition>().hospital_visit_id, Some(visits[0]));
}

#[test]
fn what_another_patient_had_first_does_not_let_an_old_message_in() {
    let of = |mrn: &str, number, status: &str, time| {
        clarity(Condition {
            mrn: Some(mrn.to_owned()),
            epic_condition_id: Save(number),
            status: text(status),
            ..allergy(&[], time)
        })
    };
    let world = World::after([
        of("M1", 11, "Active", "07:00"),
        of("M2", 12, "Active", "10:00"),
        of("M2", 12, "Resolved", "09:00"),
    ]);
    let rows: Vec<PatientCondition> = world.rows();
    assert_eq!(rows[1].status.as_deref(), Some("Active"));
}

#[test]
fn a_deleted_allergy_stays_deleted() {
    let deleted = Condition { action: Some(ConditionAction::Delete), ..allergy(&[], "10:00") };
    let mut world = World::after([clarity(allergy(&[], "09:00")), clarity(deleted.clone())]);
    assert_eq!(world.only::<PatientCondition>().is_deleted, Some(true));
    world.receive([clarity(allergy(&[], "11:00"))]);
    assert_eq!(world.only::<PatientCondition>().is_deleted, Some(true));
    let world = World::after([clarity(deleted)]);
    assert_eq!(world.only::<PatientCondition>().is_deleted, Some(true), "known by its deletion only");
}

#[test]
fn reactions_are_those_of_the_newest_message() {
    let mut world = World::after([
        clarity(allergy(&["rash", "cough"], "09:00")),
        clarity(allergy(&["cough", "fever"], "10:00")),
    ]);
    assert_eq!(reactions(&world), ["cough", "fever"]);
    let former: AllergenReactionAudit = world.only();
    assert_eq!((former.name.as_deref(), former.valid_until), (Some("rash"), Some(at("10:00"))));
    world.receive([clarity(allergy(&["rash"], "09:30"))]);
    assert_eq!(reactions(&world), ["cough", "fever"], "a late message brings no withdrawn reaction back");
    world.receive([clarity(allergy(&[], "11:00"))]);
    assert!(reactions(&world).is_empty());
    assert_eq!(world.count::<AllergenReactionAudit>(), 3);
}

#[test]
fn a_reaction_that_a_list_names_twice_is_one() {
    let mut world = World::after([clarity(allergy(&["rash", "cough", "rash"], "09:00"))]);
    assert_eq!(reactions(&world), ["rash", "cough"]);
    world.receive([clarity(allergy(&["rash", "rash", "cough"], "10:00"))]);
    assert_eq!(reactions(&world), ["rash", "cough"]);
    assert_eq!(world.count::<AllergenReactionAudit>(), 0, "the repeat withdraws nothing");
}

#[test]
fn an_allergy_without_its_number_or_code_leaves_a_reason() {
    let mut world = World::in_memory();
    let unnumbered = Condition { epic_condition_id: InterchangeValue::Unknown, ..allergy(&[], "09:00") };
    let report = world.report(&epic(unnumbered));
    assert_eq!(
        (report.outcome, report.reason.as_deref()),
        (Outcome::Error, Some("required data missing: epicConditionId"))
    );
    assert_eq!(world.count::<Mrn>() + world.count::<ConditionType>(), 0, "nothing is kept");
    for code in [None, Some(String::new())] {
        let report = world.report(&epic(Condition { condition_code: code, ..allergy(&[], "09:00") }));
        assert_eq!(report.outcome, Outcome::RequiredDataMissing);
        assert!(report.reason.unwrap().contains("condition code"));
    }
    assert_eq!(
        world.receive([epic(Condition { updated_date_time: None, ..allergy(&[], "09:00") })]),
        [Outcome::Error]
    );
    assert_eq!(
        world.receive([epic(Condition { visit_number: text(""), ..allergy(&[], "09:00") })]),
        [Outcome::RequiredDataMissing]
    );
    assert_eq!(world.count::<PatientCondition>() + world.count::<ConditionType>(), 0);
    assert_eq!(world.count::<EtlMessageReject>(), 5);
}

#[test]
fn memory_and_database_agree() {
    let visit = |number: &str, message| Condition { visit_number: text(number), ..message };
    World::everywhere(&[
        clarity(visit("V1", allergy(&["rash", "rash", "cough"], "09:00"))),
        clarity(visit("V2", allergy(&["rash"], "10:00"))),
        clarity(visit("V1", allergy(&["fever"], "08:00"))),
        clarity(Condition { action: Some(ConditionAction::Delete), ..allergy(&[], "11:00") }),
        clarity(Condition { severity: text(&"x".repeat(300)), ..allergy(&["lost"], "12:00") }),
        clarity(Condition { condition_name: text("Peanut"), ..allergy(&["cough"], "13:00") }),
    ]);
}
