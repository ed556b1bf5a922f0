//! Batches: few queries, one commit, the effect log.

use emap_core::Outcome;
use emap_interchange::Message;
use emap_test_support::messages::{admit, at, discharge, register, transfer};

use crate::world::World;

fn admissions(range: std::ops::Range<u32>) -> Vec<Message> {
    range
        .map(|n| {
            admit(&format!("M{n}"), &format!("V{n}"), &format!("W{}^R^B{n}", n % 7), "2031-03-02T08:00:00Z")
        })
        .collect()
}

#[test]
fn a_batch_costs_a_constant_number_of_queries() {
    let mut world = World::on_postgres();
    world.receive_together(admissions(0..400));
    let mut cost = |messages: Vec<Message>| {
        let before = world.statements();
        world.receive_together(messages);
        world.statements() - before
    };
    let moves = |range: std::ops::Range<u32>| {
        range
            .map(|n| transfer(&format!("M{n}"), &format!("V{n}"), "W9^R^B9", "2031-03-02T09:00:00Z"))
            .collect()
    };
    cost(moves(0..1)); // From here on all places are known.
    let (few, many) = (cost(moves(1..4)), cost(moves(4..400)));
    assert_eq!(few, many);
    assert!(many <= 8, "{many} statements to read what a batch needs");
}

#[test]
fn the_effect_log_has_a_line_for_each_decoded_message() {
    let mut world = World::on_postgres();
    let outcomes = world.receive_together([
        admit("M1", "V1", "W1^R^B", "2031-03-02T08:00:00Z"),
        admit("M2", "", "W1^R^B", "2031-03-02T08:00:00Z"),
    ]);
    assert_eq!(outcomes, [Outcome::Success, Outcome::RequiredDataMissing]);
    let rows = world.rows();
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
    let rows = world.rows();
    // The transfer tells the visit nothing new but that the patient is (still) an in-patient.
    assert_eq!(rows.visit_audits.len(), 2);
    assert_eq!(rows.stays.len(), 3);
    assert_eq!(rows.stay_audits.len(), 3, "each stay was open once");
    let until: Vec<_> = rows.visit_audits.iter().map(|row| row.valid_until.unwrap()).collect();
    assert_eq!(until, [at("2031-03-02T09:00:00Z"), at("2031-03-02T11:00:00Z")]);
}
