//! Patients who change places.

use emap_core::Outcome;
use emap_interchange::{
    AdtEvent,
    InterchangeValue::{self, Save},
    Message,
};
use emap_test_support::messages::{admit, adt, at, discharge, with};

use super::rows::Rows;
use crate::world::World;

const X: &str = "W1^W1 BAY1^W1-01";
const Y: &str = "W1^W1 BAY1^W1-02";

fn day(time: &str) -> String {
    format!("2031-03-02T{time}:00Z")
}

/// Visit V1 of M1 is now at Y, visit V2 of M2 at X.
fn swapped(time: &str) -> Message {
    let event = AdtEvent::SwapLocations {
        other_mrn: Some("M2".to_owned()),
        other_nhs_number: None,
        other_visit_number: Some("V2".to_owned()),
        other_full_location_string: Save(X.to_owned()),
    };
    adt(event, "M1", "V1", Y, &day(time))
}

fn with_other(message: Message, change: impl FnOnce(&mut Option<String>, &mut Option<String>)) -> Message {
    with(message, |adt| {
        if let AdtEvent::SwapLocations { other_mrn, other_visit_number, .. } = &mut adt.event {
            change(other_mrn, other_visit_number);
        }
    })
}

fn admissions() -> [Message; 2] {
    [admit("M1", "V1", X, &day("08:00")), admit("M2", "V2", Y, &day("08:30"))]
}

/// The stays of one visit.
fn journey(rows: &Rows, encounter: &str) -> Vec<String> {
    let visit = rows.visits.iter().find(|visit| visit.encounter == encounter).unwrap();
    rows.journey()
        .into_iter()
        .zip(&rows.stays)
        .filter(|(_, stay)| stay.hospital_visit_id == visit.hospital_visit_id)
        .map(|(line, _)| line)
        .collect()
}

#[test]
fn both_patients_move_to_the_others_place() {
    let [first, second] = admissions();
    let rows = World::everywhere(&[first, second, swapped("10:00")]).snapshot();
    assert_eq!(journey(&rows, "V1"), [format!("{X} 08:00:00–10:00:00"), format!("{Y} 10:00:00–open")]);
    assert_eq!(journey(&rows, "V2"), [format!("{Y} 08:30:00–10:00:00"), format!("{X} 10:00:00–open")]);
    assert_eq!(rows.stay_audits.len(), 2, "one former version of each stay that ended");
    assert!(rows.stay_audits.iter().all(|row| row.valid_until == Some(at(&day("10:00")))));
}

#[test]
fn the_order_in_which_it_becomes_known_does_not_matter() {
    let [first, second] = admissions();
    let leaving = discharge("M1", "V1", Y, &day("12:00"));
    let in_order =
        World::after([first.clone(), second.clone(), swapped("10:00"), leaving.clone()]).snapshot();
    let reversed = World::after([leaving, swapped("10:00"), second, first]).snapshot();
    for encounter in ["V1", "V2"] {
        assert_eq!(journey(&in_order, encounter), journey(&reversed, encounter));
    }
}

#[test]
fn a_repeat_changes_nothing() {
    let [first, second] = admissions();
    let mut world = World::after([first, second, swapped("10:00")]);
    let before = world.snapshot();
    assert_eq!(world.receive([swapped("10:00")]), [Outcome::Success]);
    let after = world.snapshot();
    assert_eq!((after.stays, after.stay_audits), (before.stays, before.stay_audits));
    assert_eq!((after.events, after.visits), (before.events, before.visits));
}

#[test]
fn patients_and_visits_become_known_by_a_swap() {
    let rows = World::everywhere(&[swapped("10:00")]).snapshot();
    let visits: Vec<_> = rows
        .visits
        .iter()
        .map(|visit| (rows.number(visit.mrn_id), visit.encounter.as_str(), visit.patient_class.as_deref()))
        .collect();
    assert_eq!(visits, [("M1", "V1", Some("INPATIENT")), ("M2", "V2", None)]);
    assert_eq!(rows.demographics.len(), 1, "of the other patient only numbers are given");
    assert_eq!(journey(&rows, "V1"), [format!("{X} 09:59:59*–10:00:00"), format!("{Y} 10:00:00–open")]);
}

#[test]
fn an_unknown_place_moves_nobody() {
    let places = |place: InterchangeValue<String>, other_place: InterchangeValue<String>| {
        with(swapped("10:00"), |adt| {
            adt.full_location_string = place;
            if let AdtEvent::SwapLocations { other_full_location_string, .. } = &mut adt.event {
                *other_full_location_string = other_place;
            }
        })
    };
    let unknown = InterchangeValue::Unknown;
    for other in [Save(X.to_owned()), InterchangeValue::delete(), unknown.clone()] {
        for message in [places(unknown.clone(), other.clone()), places(other, unknown.clone())] {
            let mut world = World::in_memory();
            assert_eq!(world.receive([message]), [Outcome::Success]);
            let rows = world.snapshot();
            assert_eq!((rows.visits.len(), rows.events.len(), rows.stays.len()), (2, 0, 0));
        }
    }
}

#[test]
fn a_deleted_place_is_an_error_if_the_other_one_is_known() {
    let message = with(swapped("10:00"), |adt| adt.full_location_string = InterchangeValue::delete());
    let mut world = World::in_memory();
    assert_eq!(world.receive([message]), [Outcome::Error]);
    assert_eq!(world.snapshot().visits.len(), 0, "nothing of the message is kept");
}

#[test]
fn one_half_that_was_cancelled_leaves_the_other() {
    let [first, second] = admissions();
    let cancelled = AdtEvent::CancelTransferPatient {
        cancelled_date_time: Some(at(&day("10:00"))),
        cancelled_location: Some(Y.to_owned()),
    };
    let mut world = World::after([first, second, adt(cancelled, "M1", "V1", X, &day("10:05"))]);
    assert_eq!(world.receive([swapped("10:00")]), [Outcome::Cancelled]);
    let rows = world.snapshot();
    assert_eq!(journey(&rows, "V1"), [format!("{X} 08:00:00–open")]);
    assert_eq!(journey(&rows, "V2").len(), 2);
}

#[test]
fn missing_data_of_the_other_patient_is_told() {
    let mut world = World::in_memory();
    let nobody = with_other(swapped("10:00"), |mrn, _| *mrn = None);
    assert_eq!(world.receive([nobody]), [Outcome::RequiredDataMissing]);
    let rows = world.snapshot();
    assert_eq!((rows.mrns.len(), rows.demographics.len(), rows.visits.len()), (1, 1, 1));
    for number in [None, Some(String::new())] {
        let mut world = World::in_memory();
        let no_visit = with_other(swapped("10:00"), |_, visit| *visit = number);
        assert_eq!(world.receive([no_visit]), [Outcome::RequiredDataMissing]);
        let rows = world.snapshot();
        assert_eq!((rows.mrns.len(), rows.visits.len()), (2, 1));
    }
}
