//! Batches: few queries, one commit, the effect log.

use emap_core::Outcome;
use emap_interchange::{AdtEvent, InterchangeValue::Save, Message, ResearchOptOut};
use emap_test_support::messages::{SOURCE_SYSTEM, admit, adt, at, discharge, register, transfer, update};

use crate::{batches, world::World};

fn admissions(range: std::ops::Range<u32>) -> Vec<Message> {
    range
        .map(|n| {
            admit(&format!("M{n}"), &format!("V{n}"), &format!("W{}^R^B{n}", n % 7), "2031-03-02T08:00:00Z")
        })
        .collect()
}

/// A patient moves.
pub(crate) fn about(n: i64, hour: &str) -> Vec<Message> {
    let (mrn, visit) = (format!("M{n}"), format!("V{n}"));
    let time = |minute: u32| format!("2031-03-02T{hour}:{minute:02}:00Z");
    let place = |bed: &str| format!("W{}^R^{bed}", n % 7);
    vec![
        admit(&mrn, &visit, &place("B1"), &time(0)),
        transfer(&mrn, &visit, &place("B2"), &time(30)),
        update(&mrn, &visit, &place("B2"), &time(40)),
    ]
}

fn patient(n: u32) -> (Option<String>, String) {
    (Some(format!("M{n}")), format!("V{n}"))
}

fn merged(n: u32) -> Message {
    let event = AdtEvent::MergePatient { previous_mrn: patient(n + 1).0, previous_nhs_number: None };
    adt(event, &format!("M{n}"), "", "W9^R^B9", "2031-03-02T09:00:00Z")
}

fn renumbered(n: u32) -> Message {
    let event = AdtEvent::ChangePatientIdentifiers { previous_mrn: patient(n).0, previous_nhs_number: None };
    adt(event, &format!("M{n}-new"), "", "W9^R^B9", "2031-03-02T09:00:00Z")
}

fn refiled(n: u32) -> Message {
    let (previous_mrn, previous_visit_number) = patient(n);
    let event = AdtEvent::MoveVisitInformation {
        previous_mrn,
        previous_nhs_number: None,
        previous_visit_number: Some(previous_visit_number),
    };
    adt(event, &format!("M{}", n + 1), &format!("V{n}-new"), "W9^R^B9", "2031-03-02T09:00:00Z")
}

fn swapped(n: u32) -> Message {
    let (other_mrn, other_visit_number) = patient(n + 1);
    let event = AdtEvent::SwapLocations {
        other_mrn,
        other_nhs_number: None,
        other_visit_number: Some(other_visit_number),
        other_full_location_string: Save(format!("W{}^R^B{n}", n % 7)),
    };
    let place = format!("W{}^R^B{}", (n + 1) % 7, n + 1);
    adt(event, &format!("M{n}"), &format!("V{n}"), &place, "2031-03-02T09:00:00Z")
}

fn opted_out(n: u32) -> Message {
    let message = Message::of(ResearchOptOut {
        mrn: patient(n).0,
        nhs_number: None,
        last_updated: Some(at("2031-03-02T09:00:00Z")),
        active: true,
    });
    Message { source_system: Some(SOURCE_SYSTEM.to_owned()), ..message }
}

#[test]
fn messages_about_identities_cost_a_constant_number_of_queries_too() {
    let mut world = World::on_postgres();
    world.receive_together(admissions(0..400));
    let mut cost = |message: fn(u32) -> Message, patients: std::ops::Range<u32>| {
        batches::cost(&mut world, patients.step_by(2).map(message).collect())
    };
    let kinds: [fn(u32) -> Message; 5] = [merged, renumbered, refiled, swapped, opted_out];
    for (kind, message) in (0..).zip(kinds) {
        let first = kind * 80;
        let (few, many) = (cost(message, first..first + 6), cost(message, first + 6..first + 80));
        assert_eq!(few, many, "kind {kind}");
    }
}

#[test]
fn the_effect_log_has_a_line_for_each_decoded_message() {
    let mut world = World::on_postgres();
    let outcomes = world.receive_together([
        admit("M1", "V1", "W1^R^B", "2031-03-02T08:00:00Z"),
        admit("M2", "", "W1^R^B", "2031-03-02T08:00:00Z"),
    ]);
    assert_eq!(outcomes, [Outcome::Success, Outcome::RequiredDataMissing]);
    let rows = world.snapshot();
    let [good, bad] = rows.log.as_slice() else { panic!("{:?}", rows.log) };
    assert_eq!(good.source_id.as_deref(), Some("V1-2031-03-02T08:00:00Z"));
    assert_eq!(good.message_type.as_deref(), Some("uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient"));
    assert_eq!(good.message_datetime, Some(at("2031-03-02T08:00:00Z").naive_utc()), "in UTC");
    assert_eq!((good.error, &good.message), (Some(false), &None));
    assert!(good.process_message_duration.unwrap() > 0);
    assert!(good.processing_start_time <= good.processing_end_time);
    assert_eq!(bad.error, Some(true));
    assert_eq!(bad.message.as_deref(), Some("required data missing: visit number"));
    assert_eq!(bad.process_message_duration, None);
}

#[test]
fn several_messages_about_one_row_in_one_batch_leave_one_version_each() {
    let mut world = World::on_postgres();
    world.receive_together([
        register("M1", "V1", "W1^R^B1", "2031-03-02T08:00:00Z"),
        admit("M1", "V1", "W2^R^B2", "2031-03-02T09:00:00Z"),
        transfer("M1", "V1", "W3^R^B3", "2031-03-02T10:00:00Z"),
        discharge("M1", "V1", "W3^R^B3", "2031-03-02T11:00:00Z"),
    ]);
    let rows = world.snapshot();
    // The transfer adds nothing to the visit but that the patient is (still) an in-patient.
    assert_eq!(rows.visit_audits.len(), 2);
    assert_eq!(rows.stays.len(), 3);
    assert_eq!(rows.stay_audits.len(), 3, "each stay was open once");
    let until: Vec<_> = rows.visit_audits.iter().map(|row| row.valid_until.unwrap()).collect();
    assert_eq!(until, [at("2031-03-02T09:00:00Z"), at("2031-03-02T11:00:00Z")]);
}
