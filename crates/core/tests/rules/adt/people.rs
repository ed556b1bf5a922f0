//! Identity and demographics.

use chrono::NaiveDate;
use emap_core::Outcome;
use emap_interchange::{
    InterchangeValue::{self, Save},
    Message,
};
use emap_star::rows::{CoreDemographic, CoreDemographicAudit};
use emap_test_support::messages::{admit, at, update, with};

use crate::world::World;

const PLACE: &str = "ACU^ACU BAY2^ACU-07";

fn person(mrn: Option<&str>, nhs_number: Option<&str>, time: &str) -> Message {
    with(update("unused", "unused", PLACE, time), |adt| {
        adt.mrn = mrn.map(str::to_owned);
        adt.nhs_number = nhs_number.map(str::to_owned);
    })
}

fn named(family_name: &str, time: &str) -> Message {
    with(update("M1", "", PLACE, time), |adt| adt.patient_family_name = Save(family_name.to_owned()))
}

#[test]
fn an_admission_makes_the_patient_known() {
    let message = with(admit("M1", "V1", PLACE, "2031-03-02T08:15:00Z"), |adt| {
        adt.patient_family_name = Save("Quill".to_owned());
        adt.patient_birth_date_time = Save(at("1961-05-04T00:00:00Z"));
        adt.ethnic_group = Save("White Irish".to_owned());
    });
    let rows = World::after([message]).snapshot();
    assert_eq!((rows.mrns.len(), rows.lives.len()), (1, 1));
    assert_eq!(rows.lives[0].mrn_id, rows.lives[0].live_mrn_id);
    let patient = rows.patient();
    assert_eq!(patient.lastname.as_deref(), Some("Quill"));
    assert_eq!(patient.alive, Some(true));
    assert_eq!(patient.datetime_of_birth, Some(at("1961-05-04T00:00:00Z")));
    assert_eq!(patient.ethnicity.as_deref(), Some("White Irish"));
    assert!(rows.demographic_audits.is_empty());
}

#[test]
fn a_newer_message_changes_what_it_knows_and_nothing_else() {
    let first = with(named("Quill", "2031-03-02T08:00:00Z"), |adt| {
        adt.patient_middle_name = Save("Rowan".to_owned());
    });
    let mut world = World::after([first]);
    let mrn_id = world.snapshot().mrns[0].mrn_id;
    world.receive([named("Quill-Marsh", "2031-03-02T09:00:00Z")]);
    let rows = world.snapshot();
    assert_eq!(rows.mrns.len(), 1);
    assert_eq!(rows.mrns[0].mrn_id, mrn_id);
    assert_eq!(rows.patient().lastname.as_deref(), Some("Quill-Marsh"));
    assert_eq!(rows.patient().middlename.as_deref(), Some("Rowan"));
    assert!(rows.live_audits.is_empty());
}

#[test]
fn an_older_or_equally_old_message_changes_no_demographics() {
    for time in ["2031-03-02T07:59:59Z", "2031-03-02T08:00:00Z"] {
        let rows = World::after([named("Quill", "2031-03-02T08:00:00Z"), named("Other", time)]).snapshot();
        assert_eq!(rows.patient().lastname.as_deref(), Some("Quill"));
        assert!(rows.demographic_audits.is_empty() && rows.live_audits.is_empty());
    }
}

#[test]
fn each_change_leaves_the_former_version() {
    let rows = World::after([
        named("First", "2031-03-02T08:00:00Z"),
        named("Second", "2031-03-02T09:00:00Z"),
        named("Third", "2031-03-02T10:00:00Z"),
        named("Third", "2031-03-02T11:00:00Z"),
    ])
    .snapshot();
    let former: Vec<_> = rows.demographic_audits.iter().map(|row| row.lastname.as_deref().unwrap()).collect();
    assert_eq!(former, ["First", "Second"]);
    assert_eq!(rows.patient().valid_from, at("2031-03-02T10:00:00Z"));
    let [first, second]: &[CoreDemographicAudit; 2] = rows.demographic_audits.as_slice().try_into().unwrap();
    assert_eq!(first.valid_until, Some(second.valid_from));
    assert_eq!(second.valid_until, Some(rows.patient().valid_from));
    assert_eq!(second.stored_until, Some(rows.patient().stored_from));
}

#[test]
fn an_untrusted_source_creates_but_does_not_change() {
    let untrusted = |message: Message| Message { source_system: Some("Elsewhere".to_owned()), ..message };
    let mut world = World::after([untrusted(named("First", "2031-03-02T08:00:00Z"))]);
    assert_eq!(world.snapshot().patient().lastname.as_deref(), Some("First"));
    world.receive([untrusted(named("Second", "2031-03-02T09:00:00Z"))]);
    assert_eq!(world.snapshot().patient().lastname.as_deref(), Some("First"));
}

#[test]
fn identifiers_complete_each_other() {
    let rows = World::after([
        person(Some("R1"), None, "2031-03-02T08:00:00Z"),
        person(None, Some("N2"), "2031-03-02T08:01:00Z"),
        person(Some("R1"), Some("N1"), "2031-03-02T08:02:00Z"),
        person(Some("R2"), Some("N2"), "2031-03-02T08:03:00Z"),
        person(Some("R2"), Some("N3"), "2031-03-02T08:04:00Z"),
    ])
    .snapshot();
    let known: Vec<_> = rows
        .mrns
        .iter()
        .map(|row| (row.mrn.as_deref().unwrap(), row.nhs_number.as_deref().unwrap()))
        .collect();
    assert_eq!(known, [("R1", "N1"), ("R2", "N3")]);
}

#[test]
fn a_merged_identifier_leads_to_the_live_patient() {
    let mut world = World::on_postgres_with(
        "INSERT INTO mrn (mrn_id, mrn, source_system, stored_from, research_opt_out)
           VALUES (-1, 'OLD', 'EPIC', '2030-01-01Z', false), (-2, 'NEW', 'EPIC', '2030-01-01Z', false);
         INSERT INTO mrn_to_live (mrn_to_live_id, mrn_id, live_mrn_id, valid_from, stored_from)
           VALUES (-3, -1, -2, '2030-01-01Z', '2030-01-01Z'), (-4, -2, -2, '2030-01-01Z', '2030-01-01Z');",
    );
    world.receive([with(named("Quill", "2031-03-02T08:00:00Z"), |adt| adt.mrn = Some("OLD".to_owned()))]);
    let rows = world.snapshot();
    assert_eq!(rows.mrns.len(), 2);
    assert_eq!(rows.patient().mrn_id.number(), -2);
}

#[test]
fn a_death_has_a_time_and_a_local_date() {
    let died = |time: &str| {
        with(named("Quill", "2031-07-02T08:00:00Z"), |adt| {
            adt.patient_is_alive = Save(false);
            adt.patient_death_date_time = Save(at(time));
        })
    };
    let rows = World::after([died("2031-07-01T23:30:00Z")]).snapshot();
    let patient: &CoreDemographic = rows.patient();
    assert_eq!(patient.alive, Some(false));
    assert_eq!(patient.date_of_death, NaiveDate::from_ymd_opt(2031, 7, 2), "half past midnight in London");
    let revived = with(named("Quill", "2031-07-03T08:00:00Z"), |adt| {
        adt.patient_death_date_time = InterchangeValue::delete();
    });
    let mut world = World::after([died("2031-07-01T23:30:00Z"), revived]);
    assert_eq!(world.snapshot().patient().date_of_death, None);
    assert_eq!(world.snapshot().patient().datetime_of_death, None);
    assert_eq!(world.receive([named("Quill", "2031-07-04T08:00:00Z")]), [Outcome::Success]);
}
