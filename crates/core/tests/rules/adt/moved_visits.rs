//! Visits that are filed under another patient.

use emap_core::Outcome;
use emap_interchange::{AdtEvent, InterchangeValue::Save, Message};
use emap_test_support::messages::{admit, adt, at, transfer, update, with};

use crate::world::World;

const PLACE: &str = "ACU^ACU BAY2^ACU-07";
const OTHER_PLACE: &str = "W1^W1 BAY1^W1-01";
const EARLY: &str = "2031-03-02T08:00:00Z";
const LATE: &str = "2031-03-02T10:00:00Z";

/// A patient's hospital number and the number of the visit.
type Filed<'a> = (&'a str, &'a str);

fn moved(from: Filed<'_>, to: Filed<'_>, time: &str) -> Message {
    let event = AdtEvent::MoveVisitInformation {
        previous_mrn: Some(from.0.to_owned()),
        previous_nhs_number: None,
        previous_visit_number: Some(from.1.to_owned()),
    };
    with(adt(event, to.0, to.1, PLACE, time), |adt| adt.patient_family_name = Save("Owner".to_owned()))
}

#[test]
fn a_visit_nobody_knew_is_filed_under_its_patient() {
    let rows = World::everywhere(&[moved(("M1", "V1"), ("M2", "V1"), LATE)]).snapshot();
    assert_eq!(rows.mrns.len(), 2);
    assert_eq!(rows.number(rows.patient().mrn_id), "M2", "only the new owner is described");
    assert_eq!(rows.number(rows.visit().mrn_id), "M2");
    assert!(rows.visit_audits.is_empty());
}

#[test]
fn a_visit_moves_with_everything_that_hangs_on_it() {
    let mut messages = vec![admit("M1", "V1", PLACE, EARLY), moved(("M1", "V1"), ("M2", "V1"), LATE)];
    let rows = World::everywhere(&messages).snapshot();
    assert_eq!(rows.number(rows.visit().mrn_id), "M2");
    assert_eq!(rows.visit().valid_from, at(LATE));
    assert_eq!(rows.journey(), [format!("{PLACE} 08:00:00–open")]);
    let [former] = rows.visit_audits.as_slice() else { panic!("{:?}", rows.visit_audits) };
    assert_eq!(rows.number(former.mrn_id), "M1");
    assert_eq!(former.valid_until, Some(at(LATE)));

    messages.push(transfer("M2", "V1", OTHER_PLACE, "2031-03-02T11:00:00Z"));
    let rows = World::everywhere(&messages).snapshot();
    assert_eq!(rows.stays.len(), 2, "the movement goes on");
    assert!(rows.stays.iter().all(|stay| stay.hospital_visit_id == rows.visit().hospital_visit_id));
}

#[test]
fn a_visit_gets_its_new_number() {
    let rows = World::everywhere(&[
        admit("M1", "V1", PLACE, EARLY),
        moved(("M1", "V1"), ("M2", "V2"), LATE),
        transfer("M2", "V2", OTHER_PLACE, "2031-03-02T11:00:00Z"),
    ])
    .snapshot();
    assert_eq!(rows.visit().encounter, "V2");
    assert_eq!(rows.visit_audits[0].encounter, "V1");
    assert_eq!(rows.stays.len(), 2);
    let rows = World::everywhere(&[admit("M1", "V1", PLACE, EARLY), moved(("M1", "V1"), ("M1", "V2"), LATE)])
        .snapshot();
    assert_eq!((rows.visit().encounter.as_str(), rows.number(rows.visit().mrn_id)), ("V2", "M1"));
}

#[test]
fn a_move_that_cannot_be_is_refused() {
    let cases = [
        moved(("M1", "V1"), ("M1", "V1"), LATE), // to where it is
        moved(("M1", "V1"), ("M2", "V2"), LATE), // onto another visit
    ];
    for message in cases {
        let mut world = World::after([admit("M1", "V1", PLACE, EARLY), admit("M2", "V2", PLACE, EARLY)]);
        let before = world.snapshot();
        assert_eq!(world.receive([message]), [Outcome::IncompatibleState]);
        let after = world.snapshot();
        assert_eq!((after.visits, after.visit_audits), (before.visits, before.visit_audits));
        assert!(after.demographics.iter().any(|row| row.lastname.as_deref() == Some("Owner")));
    }
}

#[test]
fn a_merged_patient_is_the_same_patient() {
    let merge = AdtEvent::MergePatient { previous_mrn: Some("M1".to_owned()), previous_nhs_number: None };
    let mut world = World::after([admit("M1", "V1", PLACE, EARLY), adt(merge, "M2", "", PLACE, EARLY)]);
    let message = moved(("M1", "V1"), ("M2", "V1"), LATE);
    assert_eq!(world.receive([message]), [Outcome::IncompatibleState]);
}

#[test]
fn an_older_or_untrusted_move_leaves_the_visit() {
    let older = moved(("M1", "V1"), ("M2", "V1"), "2031-03-02T07:00:00Z");
    let untrusted =
        Message { source_system: Some("Elsewhere".to_owned()), ..moved(("M1", "V1"), ("M2", "V1"), LATE) };
    let mut world = World::after([admit("M1", "V1", PLACE, EARLY)]);
    assert_eq!(world.receive([older, untrusted]), [Outcome::Success; 2]);
    let rows = world.snapshot();
    assert_eq!(rows.number(rows.visit().mrn_id), "M1");
    assert!(rows.visit_audits.is_empty());
}

#[test]
fn a_repeat_changes_nothing() {
    for (to, repeated) in [("V1", Outcome::Success), ("V2", Outcome::IncompatibleState)] {
        let message = moved(("M1", "V1"), ("M2", to), LATE);
        let mut world = World::after([admit("M1", "V1", PLACE, EARLY), message.clone()]);
        let before = world.snapshot();
        assert_eq!(world.receive([message]), [repeated]);
        let after = world.snapshot();
        assert_eq!((after.visits, after.visit_audits), (before.visits, before.visit_audits));
        assert_eq!((after.mrns, after.demographics), (before.mrns, before.demographics));
    }
}

#[test]
fn missing_data_is_told() {
    let mut world = World::in_memory();
    let no_patient = with(moved(("M1", "V1"), ("M2", "V1"), LATE), |adt| {
        adt.event = AdtEvent::MoveVisitInformation {
            previous_mrn: None,
            previous_nhs_number: None,
            previous_visit_number: Some("V1".to_owned()),
        };
    });
    assert_eq!(world.receive([no_patient]), [Outcome::RequiredDataMissing]);
    assert!(world.snapshot().mrns.is_empty());
    let no_owner = with(moved(("M1", "V1"), ("M2", "V1"), LATE), |adt| adt.mrn = None);
    assert_eq!(world.receive([no_owner]), [Outcome::RequiredDataMissing]);
    assert_eq!(world.snapshot().mrns.len(), 1);
    assert_eq!(world.receive([moved(("M1", ""), ("M2", "V1"), LATE)]), [Outcome::RequiredDataMissing]);
    assert!(world.snapshot().visits.is_empty());

    let mut world = World::in_memory();
    let no_visit = with(moved(("M1", "V1"), ("M2", "V1"), LATE), |adt| {
        adt.event = AdtEvent::MoveVisitInformation {
            previous_mrn: Some("M1".to_owned()),
            previous_nhs_number: None,
            previous_visit_number: None,
        };
    });
    assert_eq!(world.receive([no_visit, update("M3", "", PLACE, LATE)]), [Outcome::Error, Outcome::Success]);
    assert_eq!(world.snapshot().mrns.len(), 1, "a failure leaves nothing");
}
