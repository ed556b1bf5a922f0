//! Identifiers that turn out to mean one patient.

use std::time::Duration;

use emap_core::Outcome;
use emap_interchange::{AdtEvent, InterchangeValue::Save, Message};
use emap_star::{Batch, RowState, Subjects, rows::LiveByLiveMrn};
use emap_test_support::messages::{admit, adt, at, update, with};

use super::{opt_outs::opted_out, rows::Rows};
use crate::world::World;

const PLACE: &str = "ACU^ACU BAY2^ACU-07";
const EARLY: &str = "2031-03-02T08:00:00Z";
const LATE: &str = "2031-03-02T10:00:00Z";

fn known(mrn: &str) -> Message {
    with(update(mrn, "", PLACE, EARLY), |adt| adt.patient_family_name = Save(format!("Name of {mrn}")))
}

fn with_nhs_number(mrn: Option<&str>, nhs_number: &str) -> Message {
    with(known("unused"), |adt| {
        adt.mrn = mrn.map(str::to_owned);
        adt.nhs_number = Some(nhs_number.to_owned());
    })
}

/// `previous` is retired in favour of `surviving`.
fn merged(previous: Option<&str>, nhs_number: Option<&str>, surviving: &str, time: &str) -> Message {
    let event = AdtEvent::MergePatient {
        previous_mrn: previous.map(str::to_owned),
        previous_nhs_number: nhs_number.map(str::to_owned),
    };
    let message = adt(event, surviving, "", PLACE, time);
    with(message, |adt| adt.patient_family_name = Save("Merged".to_owned()))
}

fn into(previous: &str, surviving: &str) -> Message {
    merged(Some(previous), None, surviving, LATE)
}

/// `number → number in force` of all identifiers, in alphabetical order.
fn leads(rows: &Rows) -> Vec<String> {
    let mut leads: Vec<_> = rows
        .lives
        .iter()
        .map(|row| format!("{} → {}", rows.number(row.mrn_id), rows.number(row.live_mrn_id)))
        .collect();
    leads.sort();
    leads
}

#[test]
fn a_known_patient_is_merged_into_an_unknown_one() {
    let rows = World::everywhere(&[known("M1"), into("M1", "M9")]).snapshot();
    assert_eq!(leads(&rows), ["M1 → M9", "M9 → M9"]);
    let [former] = rows.live_audits.as_slice() else { panic!("{:?}", rows.live_audits) };
    assert_eq!(rows.number(former.live_mrn_id), "M1");
    assert_eq!((former.valid_from, former.valid_until), (at(EARLY), Some(at(LATE))));
    let names: Vec<_> = rows
        .demographics
        .iter()
        .map(|row| (rows.number(row.mrn_id), row.lastname.as_deref().unwrap()))
        .collect();
    assert_eq!(names, [("M1", "Name of M1"), ("M9", "Merged")], "each keeps what it came with");
}

#[test]
fn an_unknown_patient_is_merged_into_one_that_was_retired() {
    let rows = World::everywhere(&[known("M2"), into("M2", "M9"), into("M7", "M2")]).snapshot();
    assert_eq!(leads(&rows), ["M2 → M9", "M7 → M9", "M9 → M9"]);
    assert_eq!(rows.live_audits.len(), 1, "what was merged as it became known has no former version");
}

#[test]
fn everything_that_led_to_the_retired_identifier_follows() {
    let rows = World::everywhere(&[known("M1"), into("M2", "M3"), into("M3", "M9")]).snapshot();
    assert_eq!(leads(&rows), ["M1 → M1", "M2 → M9", "M3 → M9", "M9 → M9"]);
    let former: Vec<_> = rows.live_audits.iter().map(|row| rows.number(row.live_mrn_id)).collect();
    assert_eq!(former, ["M3", "M3"]);
}

#[test]
fn hospital_number_and_nhs_number_may_find_different_identifiers() {
    let rows = World::everywhere(&[
        known("M1"),
        into("M5", "M1"),
        with_nhs_number(None, "N1"),
        with_nhs_number(Some("M2"), "N1"),
        merged(Some("M1"), Some("N1"), "M9", LATE),
    ])
    .snapshot();
    // The hospital number M2 completed the identifier that had been known by its NHS number only.
    assert_eq!(leads(&rows), ["M1 → M9", "M2 → M9", "M5 → M9", "M9 → M9"]);

    let rows = World::everywhere(&[
        known("M1"),
        with_nhs_number(Some("M2"), "N1"),
        with_nhs_number(Some("M3"), "N1"),
        merged(None, Some("N1"), "M1", LATE),
    ])
    .snapshot();
    assert_eq!(leads(&rows), ["M1 → M1", "M2 → M1", "M3 → M1"]);

    let rows =
        World::everywhere(&[known("M1"), with_nhs_number(None, "N1"), merged(None, Some("N1"), "M1", LATE)])
            .snapshot();
    assert_eq!(leads(&rows), ["M1 → M1", "N1 → M1"]);
}

#[test]
fn repeats_circles_and_merges_with_oneself_change_nothing() {
    let mut world = World::after([known("M1"), known("M2"), into("M1", "M2")]);
    let before = world.snapshot();
    let again = [
        into("M1", "M2"),
        into("M2", "M1"),
        into("M2", "M2"),
        into("M1", "M1"),
        merged(Some("M1"), None, "M2", "2031-03-02T07:00:00Z"),
    ];
    assert_eq!(world.receive(again), [Outcome::Success; 5]);
    let after = world.snapshot();
    assert_eq!(leads(&after), ["M1 → M2", "M2 → M2"]);
    assert_eq!((after.lives, after.live_audits), (before.lives, before.live_audits));
    assert_eq!(after.demographics, before.demographics);
}

#[test]
fn an_earlier_merge_stands() {
    let rows = World::everywhere(&[into("M1", "M2"), into("M1", "M3")]).snapshot();
    assert_eq!(leads(&rows), ["M1 → M2", "M2 → M2", "M3 → M3"]);
}

#[test]
fn messages_about_the_retired_identifier_are_about_the_surviving_one() {
    let later = with(admit("M1", "V1", PLACE, "2031-03-02T11:00:00Z"), |adt| {
        adt.patient_family_name = Save("Newest".to_owned());
    });
    let rows = World::everywhere(&[known("M1"), into("M1", "M9"), later]).snapshot();
    let newest: Vec<_> = rows.demographics.iter().map(|row| row.lastname.as_deref().unwrap()).collect();
    assert_eq!(newest, ["Name of M1", "Newest"]);
    assert_eq!(rows.number(rows.visit().mrn_id), "M9");
}

#[test]
fn visits_stay_filed_under_the_retired_identifier() {
    let rows = World::everywhere(&[admit("M1", "V1", PLACE, EARLY), into("M1", "M9")]).snapshot();
    assert_eq!(rows.number(rows.visit().mrn_id), "M1");
    assert!(rows.visit_audits.is_empty());
}

#[test]
fn an_opt_out_on_either_side_holds_for_all() {
    for opted in ["M1", "M2", "M3"] {
        let rows = World::everywhere(&[
            into("M2", "M3"),
            known("M1"),
            opted_out(Some(opted), None),
            into("M3", "M1"),
        ])
        .snapshot();
        assert_eq!(leads(&rows), ["M1 → M1", "M2 → M1", "M3 → M1"]);
        assert!(rows.mrns.iter().all(|row| row.research_opt_out), "{opted} opted out");
    }
    let rows = World::everywhere(&[opted_out(Some("M4"), None), into("M2", "M3")]).snapshot();
    assert_eq!(rows.mrns.iter().filter(|row| row.research_opt_out).count(), 1, "strangers are not concerned");
}

#[test]
fn missing_identifiers_are_told() {
    let mut world = World::in_memory();
    let nobody = with(merged(Some("M1"), None, "unused", LATE), |adt| {
        adt.mrn = None;
        adt.nhs_number = Some("N1".to_owned());
    });
    assert_eq!(world.receive([nobody]), [Outcome::RequiredDataMissing]);
    assert!(world.snapshot().mrns.is_empty(), "a survivor needs a hospital number");
    assert_eq!(world.receive([merged(None, None, "M9", LATE)]), [Outcome::RequiredDataMissing]);
    let rows = world.snapshot();
    assert_eq!(rows.mrns.len(), 1);
    assert_eq!(rows.patient().lastname.as_deref(), Some("Merged"), "what was reported of the survivor stays");
}

/// Another program lets everything that leads to one number lead to another, and commits.
fn merge_elsewhere(mut batch: Batch<'_>, rows: &Rows, from: &str, to: &str) {
    let mut scope = batch.message(at(LATE));
    let leading = scope.find::<LiveByLiveMrn>(&rows.mrn_id(from)).unwrap();
    let leading: Vec<_> = leading.into_iter().cloned().collect();
    assert!(!leading.is_empty());
    for row in leading {
        let mut row = RowState::existing(row, at(LATE));
        row.live_mrn_id = rows.mrn_id(to);
        scope.save(row).unwrap();
    }
    scope.keep().unwrap();
    batch.flush().unwrap().commit().unwrap();
}

#[test]
fn whoever_a_number_leads_to_in_the_end_is_waited_for() {
    let mut world = World::on_postgres();
    world.receive([into("M1", "M2"), known("M3"), known("M4")]);
    let rows = world.snapshot();
    let (mut first, mut second) = (world.other_session(), world.other_session());
    let about = |mrn: &str| Subjects { mrns: vec![mrn.to_owned()], ..Subjects::default() };
    let first = first.begin(&about("M2")).unwrap();
    let second = second.begin(&about("M3")).unwrap();

    let (sender, receiver) = std::sync::mpsc::channel();
    let waiting = std::thread::spawn(move || {
        world.receive([admit("M1", "V1", PLACE, "2031-03-02T11:00:00Z")]);
        sender.send(()).unwrap();
        world.snapshot()
    });
    let is_waiting = || receiver.recv_timeout(Duration::from_millis(200)).is_err();
    assert!(is_waiting(), "M1 is the same patient as M2");
    merge_elsewhere(first, &rows, "M2", "M3");
    assert!(is_waiting(), "now M1 is the same patient as M3");
    merge_elsewhere(second, &rows, "M3", "M4");
    let rows = waiting.join().unwrap();
    assert_eq!(rows.live("M1"), "M4");
    assert_eq!(rows.number(rows.visit().mrn_id), "M4");
}
