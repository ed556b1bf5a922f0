//! Visits: class, arrival, presentation, admission and discharge.

use emap_core::Outcome;
use emap_interchange::{
    AdtEvent,
    InterchangeValue::{self, Save},
    Message, PatientClass, PendingType,
};
use emap_star::rows::HospitalVisit;
use emap_test_support::messages::{admit, adt, at, discharge, register, transfer, update, with};

use super::rows::Rows;
use crate::world::World;

const PLACE: &str = "ACU^ACU BAY2^ACU-07";

fn event(event: AdtEvent, time: &str) -> Message {
    adt(event, "M1", "V1", PLACE, time)
}

fn admitted(time: &str) -> Message {
    admit("M1", "V1", PLACE, time)
}

fn registered(time: &str) -> Message {
    register("M1", "V1", PLACE, time)
}

fn discharged(time: &str) -> Message {
    discharge("M1", "V1", PLACE, time)
}

fn untrusted(message: Message) -> Message {
    Message { source_system: Some("Elsewhere".to_owned()), ..message }
}

#[test]
fn an_admission_creates_a_visit_and_so_does_a_registration() {
    let rows = World::after([admitted("2031-03-02T08:00:00Z")]).snapshot();
    let visit = rows.visit();
    assert_eq!(visit.admission_datetime, Some(at("2031-03-02T08:00:00Z")));
    assert_eq!(visit.presentation_datetime, None);
    assert_eq!(visit.patient_class.as_deref(), Some("INPATIENT"));
    assert!(rows.visit_audits.is_empty());

    let rows = World::after([registered("2031-03-02T08:00:00Z")]).snapshot();
    assert_eq!(rows.visit().presentation_datetime, Some(at("2031-03-02T08:00:00Z")));
    assert_eq!(rows.visit().admission_datetime, None);
    assert!(rows.visit_audits.is_empty());
}

#[test]
fn an_admission_adds_to_a_registration() {
    let rows =
        World::after([registered("2031-03-02T08:00:00Z"), admitted("2031-03-02T09:00:00Z")]).snapshot();
    let visit = rows.visit();
    assert_eq!(visit.presentation_datetime, Some(at("2031-03-02T08:00:00Z")));
    assert_eq!(visit.admission_datetime, Some(at("2031-03-02T09:00:00Z")));
    assert_eq!(visit.valid_from, at("2031-03-02T09:00:00Z"));
    assert_eq!(rows.visit_audits.len(), 1);
    assert_eq!(rows.visit_audits[0].admission_datetime, None);
    assert_eq!(rows.visit_audits[0].stored_until, Some(visit.stored_from));
}

#[test]
fn a_cancelled_admission_is_taken_back() {
    let cancel = with(
        event(
            AdtEvent::CancelAdmitPatient { cancelled_date_time: Some(at("2031-03-02T09:00:00Z")) },
            "2031-03-02T09:00:00Z",
        ),
        |adt| adt.patient_class = Save(PatientClass::DayCase),
    );
    let rows = World::after([admitted("2031-03-02T08:00:00Z"), cancel]).snapshot();
    assert_eq!(rows.visit().admission_datetime, None);
    assert_eq!(rows.visit().valid_from, at("2031-03-02T09:00:00Z"));
    assert_eq!(rows.visit().patient_class.as_deref(), Some("DAY_CASE"));
}

#[test]
fn a_discharge_fills_in_a_visit_of_an_untrusted_source() {
    let implied = untrusted(event(AdtEvent::ImpliedAdtMessage, "2031-03-02T10:00:00Z"));
    let leaving = with(discharged("2031-03-02T12:00:00Z"), |adt| {
        if let AdtEvent::DischargePatient { admission_date_time, .. } = &mut adt.event {
            *admission_date_time = Save(at("2031-03-02T08:00:00Z"));
        }
    });
    let rows = World::after([implied, leaving]).snapshot();
    let visit = rows.visit();
    assert_eq!(visit.patient_class.as_deref(), Some("INPATIENT"));
    assert_eq!(visit.admission_datetime, Some(at("2031-03-02T08:00:00Z")));
    assert_eq!(visit.discharge_datetime, Some(at("2031-03-02T12:00:00Z")));
    assert_eq!(visit.discharge_destination.as_deref(), Some("Home"));
    assert_eq!(visit.discharge_disposition.as_deref(), Some("Home"));
    assert_eq!(visit.source_system, "EPIC");
}

#[test]
fn a_cancelled_discharge_clears_all_three_fields() {
    let cancel = event(
        AdtEvent::CancelDischargePatient { cancelled_date_time: Some(at("2031-03-02T12:00:00Z")) },
        "2031-03-02T12:00:00Z",
    );
    let rows = World::after([admitted("2031-03-02T08:00:00Z"), discharged("2031-03-02T12:00:00Z"), cancel])
        .snapshot();
    let visit = rows.visit();
    assert_eq!(
        (visit.discharge_datetime, &visit.discharge_disposition, &visit.discharge_destination),
        (None, &None, &None)
    );
    assert_eq!(visit.valid_from, at("2031-03-02T12:00:00Z"));
}

#[test]
fn older_messages_still_set_the_times_they_know() {
    let newer = event(AdtEvent::ImpliedAdtMessage, "2031-03-02T12:00:00Z");
    let rows = World::after([newer.clone(), admitted("2031-03-02T08:00:00Z")]).snapshot();
    assert_eq!(rows.visit().admission_datetime, Some(at("2031-03-02T08:00:00Z")));
    let rows = World::after([newer, registered("2031-03-02T08:00:00Z")]).snapshot();
    assert_eq!(rows.visit().presentation_datetime, Some(at("2031-03-02T08:00:00Z")));
    assert_eq!(
        rows.visit().patient_class.as_deref(),
        Some("INPATIENT"),
        "the class of the newer message stays"
    );
}

#[test]
fn an_untrusted_source_sets_no_times() {
    let rows = World::after([
        untrusted(event(AdtEvent::ImpliedAdtMessage, "2031-03-02T07:00:00Z")),
        untrusted(admitted("2031-03-02T08:00:00Z")),
    ])
    .snapshot();
    assert_eq!(rows.visit().admission_datetime, None);
    assert!(rows.visit_audits.is_empty());
}

#[test]
fn an_old_trusted_message_overrides_an_untrusted_visit() {
    let untrusted = untrusted(with(event(AdtEvent::ImpliedAdtMessage, "2031-03-02T12:00:00Z"), |adt| {
        adt.patient_class = Save(PatientClass::Outpatient);
    }));
    let old =
        with(registered("2031-03-02T08:00:00Z"), |adt| adt.mode_of_arrival = Save("On foot".to_owned()));
    let rows = World::after([untrusted, old]).snapshot();
    assert_eq!(rows.visit().patient_class.as_deref(), Some("EMERGENCY"));
    assert_eq!(rows.visit().arrival_method.as_deref(), Some("On foot"));
    assert_eq!(rows.visit().source_system, "EPIC");
}

#[test]
fn a_repeated_message_changes_nothing() {
    let mut world = World::after([registered("2031-03-02T08:00:00Z"), admitted("2031-03-02T09:00:00Z")]);
    let before = world.snapshot();
    world.receive([admitted("2031-03-02T09:00:00Z")]);
    let after = world.snapshot();
    assert_eq!(after.visits, before.visits);
    assert_eq!(after.visit_audits.len(), 1);
    assert_eq!(after.stays, before.stays);
    assert_eq!(after.events, before.events);
}

#[test]
fn an_update_of_patient_data_makes_no_visit() {
    let mut world = World::in_memory();
    let without_visit = with(update("M1", "", PLACE, "2031-03-02T08:00:00Z"), |adt| adt.visit_number = None);
    assert_eq!(
        world.receive([without_visit, update("M1", "V1", PLACE, "2031-03-02T08:00:00Z")]),
        [Outcome::Success; 2]
    );
    assert!(world.snapshot().visits.is_empty());
    assert!(world.snapshot().visit_audits.is_empty());
}

#[test]
fn transfers_and_discharges_fill_in_an_admission_time_but_do_not_correct_it() {
    let moved = |time: &str, admission: &str| {
        with(transfer("M1", "V1", PLACE, time), |adt| {
            adt.event = AdtEvent::TransferPatient { admission_date_time: Save(at(admission)) };
        })
    };
    let rows = World::after([
        moved("2031-03-02T10:00:00Z", "2031-03-02T08:00:00Z"),
        moved("2031-03-02T11:00:00Z", "2031-03-02T08:30:00Z"),
    ])
    .snapshot();
    assert_eq!(rows.visit().admission_datetime, Some(at("2031-03-02T08:00:00Z")));
}

#[test]
fn the_times_of_the_last_message_win_whatever_its_time() {
    let implied_time = |time: &str| with(admitted(time), |adt| adt.patient_class = InterchangeValue::Unknown);
    let rows = World::after([
        registered("2031-03-02T08:00:00Z"),
        with(discharged("2031-03-02T12:00:00Z"), |adt| {
            if let AdtEvent::DischargePatient { admission_date_time, .. } = &mut adt.event {
                *admission_date_time = Save(at("2031-03-02T09:00:00Z"));
            }
        }),
        implied_time("2031-03-02T09:05:00Z"),
    ])
    .snapshot();
    let visit = rows.visit();
    assert_eq!(visit.admission_datetime, Some(at("2031-03-02T09:05:00Z")));
    assert_eq!(visit.discharge_datetime, Some(at("2031-03-02T12:00:00Z")));
    assert_eq!(visit.valid_from, at("2031-03-02T09:05:00Z"));
    assert_eq!(rows.visit_audits.len(), 2);
}

/// Columns in which two versions of the visit differ, `valid_from` aside.
fn differing(before: &HospitalVisit, after: &HospitalVisit) -> Vec<&'static str> {
    let columns = [
        ("class", before.patient_class != after.patient_class),
        ("arrival", before.arrival_method != after.arrival_method),
        ("source", before.source_system != after.source_system),
        ("presentation", before.presentation_datetime != after.presentation_datetime),
        ("admission", before.admission_datetime != after.admission_datetime),
        ("discharge", before.discharge_datetime != after.discharge_datetime),
        ("destination", before.discharge_destination != after.discharge_destination),
        ("disposition", before.discharge_disposition != after.discharge_disposition),
    ];
    columns.into_iter().filter(|(_, differs)| *differs).map(|(column, _)| column).collect()
}

/// A message of every kind, with a value of its own for every column it can set, and what it sets of a visit that
/// is fully known: in general, and whatever the message's time.
fn kinds() -> Vec<(AdtEvent, &'static [&'static str], &'static [&'static str])> {
    let time = at("2031-03-02T15:00:00Z");
    let (cancelled_date_time, place) = (Some(time), Save("W9^R^B".to_owned()));
    let discharge = AdtEvent::DischargePatient {
        admission_date_time: Save(time),
        discharge_date_time: Some(time),
        discharge_disposition: Some("Transfer".to_owned()),
        discharge_location: Some("Elsewhere".to_owned()),
    };
    let planned = (Some(PendingType::Transfer), place.clone());
    vec![
        (
            AdtEvent::AdmitPatient {
                admission_date_time: Save(time),
                hospital_service: InterchangeValue::Unknown,
            },
            &[],
            &["admission"],
        ),
        (AdtEvent::RegisterPatient { presentation_date_time: Save(time) }, &[], &["presentation"]),
        (AdtEvent::TransferPatient { admission_date_time: Save(time) }, &[], &[]),
        (discharge, &[], &["discharge", "destination", "disposition"]),
        (AdtEvent::CancelAdmitPatient { cancelled_date_time }, &["admission"], &[]),
        (
            AdtEvent::CancelTransferPatient {
                cancelled_date_time,
                cancelled_location: Some(PLACE.to_owned()),
            },
            &[],
            &[],
        ),
        (
            AdtEvent::CancelDischargePatient { cancelled_date_time },
            &["discharge", "destination", "disposition"],
            &[],
        ),
        (
            AdtEvent::PendingTransfer {
                pending_event_type: planned.0,
                pending_destination: planned.1.clone(),
                hospital_service: InterchangeValue::Unknown,
            },
            &[],
            &[],
        ),
        (
            AdtEvent::CancelPendingTransfer {
                pending_event_type: planned.0,
                pending_destination: planned.1,
                hospital_service: InterchangeValue::Unknown,
                cancelled_date_time,
            },
            &[],
            &[],
        ),
        (
            AdtEvent::SwapLocations {
                other_mrn: Some("M2".to_owned()),
                other_nhs_number: None,
                other_visit_number: Some("V2".to_owned()),
                other_full_location_string: place,
            },
            &[],
            &[],
        ),
        (AdtEvent::ImpliedAdtMessage, &[], &[]),
    ]
}

/// What a message changes of a visit that another source or the same one reported before.
fn changes(known: Message, later: Message) -> Vec<&'static str> {
    let visit = |rows: Rows| rows.visits.into_iter().find(|visit| visit.encounter == "V1").unwrap();
    let mut world = World::after([known]);
    let before = visit(world.snapshot());
    world.receive([later]);
    differing(&before, &visit(world.snapshot()))
}

#[test]
fn every_kind_of_message_sets_what_its_source_and_time_allow() {
    let complete = with(discharged("2031-03-02T10:00:00Z"), |adt| {
        adt.mode_of_arrival = Save("On foot".to_owned());
        if let AdtEvent::DischargePatient { admission_date_time, .. } = &mut adt.event {
            *admission_date_time = Save(at("2031-03-02T09:00:00Z"));
        }
    });
    for (kind, general, times) in kinds() {
        let reported = |time: &str| {
            with(event(kind.clone(), time), |adt| {
                adt.patient_class = Save(PatientClass::DayCase);
                adt.mode_of_arrival = Save("Ambulance".to_owned());
            })
        };
        let (older, newer) = (reported("2031-03-02T09:30:00Z"), reported("2031-03-02T12:00:00Z"));
        let all = [&["class", "arrival"], general, times].concat();
        let changes_of = |later: &Message| changes(complete.clone(), later.clone());
        assert_eq!(changes_of(&newer), all, "{kind:?}, newer");
        assert_eq!(changes_of(&reported("2031-03-02T10:00:00Z")), all, "{kind:?}, of the same time");
        assert_eq!(changes_of(&older), times, "{kind:?}, older");
        assert_eq!(changes_of(&untrusted(newer.clone())), [""; 0], "{kind:?}, untrusted");

        let implied = untrusted(event(AdtEvent::ImpliedAdtMessage, "2031-03-02T11:00:00Z"));
        let taken_over = changes(implied.clone(), older);
        assert_eq!(taken_over[..3], ["class", "arrival", "source"], "{kind:?}, first trusted");
        assert_eq!(changes(implied, untrusted(newer)), [""; 0], "{kind:?}, untrusted again");
    }
    assert_eq!(changes(complete, event(AdtEvent::default(), "2031-03-02T12:00:00Z")), [""; 0]);
}
