//! Patients who get other numbers.

use emap_core::Outcome;
use emap_interchange::{AdtEvent, Message};
use emap_test_support::messages::{adt, update, with};

use super::rows::Rows;
use crate::world::World;

const EARLY: &str = "2031-03-02T08:00:00Z";
const LATE: &str = "2031-03-02T10:00:00Z";

/// Hospital number and NHS number.
type Numbers<'a> = (Option<&'a str>, Option<&'a str>);

fn known((mrn, nhs_number): Numbers<'_>) -> Message {
    with(update("unused", "", "W1^R^B", EARLY), |adt| {
        adt.mrn = mrn.map(str::to_owned);
        adt.nhs_number = nhs_number.map(str::to_owned);
    })
}

fn changed(previous: Numbers<'_>, new: Numbers<'_>) -> Message {
    let event = AdtEvent::ChangePatientIdentifiers {
        previous_mrn: previous.0.map(str::to_owned),
        previous_nhs_number: previous.1.map(str::to_owned),
    };
    with(adt(event, "unused", "", "W1^R^B", LATE), |adt| {
        adt.mrn = new.0.map(str::to_owned);
        adt.nhs_number = new.1.map(str::to_owned);
    })
}

/// `hospital number/NHS number → hospital number in force`, `-` where there is none, in order of appearance.
fn identifiers(rows: &Rows) -> Vec<String> {
    rows.mrns
        .iter()
        .map(|row| {
            let live = rows.lives.iter().find(|live| live.mrn_id == row.mrn_id).unwrap();
            let text = |number: &Option<String>| number.clone().unwrap_or_else(|| "-".to_owned());
            format!("{}/{} → {}", text(&row.mrn), text(&row.nhs_number), rows.number(live.live_mrn_id))
        })
        .collect()
}

fn after(messages: &[Message]) -> Vec<String> {
    identifiers(&World::everywhere(messages).snapshot())
}

const OLD: Numbers<'_> = (Some("OLD"), None);
const NEW: Numbers<'_> = (Some("NEW"), None);

#[test]
fn a_patient_nobody_knew_is_known_by_the_new_number() {
    assert_eq!(after(&[changed(OLD, NEW)]), ["NEW/- → NEW"]);
}

#[test]
fn a_new_number_takes_the_place_of_the_previous_one() {
    let rows = World::after([known(OLD), changed(OLD, (Some("NEW"), Some("N1")))]).snapshot();
    assert_eq!(identifiers(&rows), ["NEW/N1 → NEW"]);
    assert!(rows.live_audits.is_empty() && rows.demographic_audits.is_empty());
    assert_eq!(rows.number(rows.patient().mrn_id), "NEW", "who the patient is stays with the identifier");
}

#[test]
fn a_new_number_that_someone_has_makes_one_patient_of_both() {
    assert_eq!(after(&[known(OLD), known(NEW), changed(OLD, NEW)]), ["OLD/- → NEW", "NEW/- → NEW"]);
    assert_eq!(after(&[known(NEW), changed(OLD, NEW)]), ["NEW/- → NEW", "OLD/- → NEW"]);
}

#[test]
fn a_new_number_is_recorded_though_the_nhs_number_is_known() {
    let (old, new) = ((Some("OLD"), Some("N1")), (Some("NEW"), Some("N1")));
    assert_eq!(after(&[known(old), changed(old, new)]), ["NEW/N1 → NEW"]);
    assert_eq!(after(&[known(old), changed(OLD, new)]), ["NEW/N1 → NEW"]);
}

#[test]
fn a_new_nhs_number_that_someone_has_makes_one_patient_of_both() {
    let messages = [
        known((Some("OLD"), Some("N1"))),
        known((Some("OTHER"), Some("N2"))),
        changed((Some("OLD"), Some("N1")), (Some("NEW"), Some("N2"))),
    ];
    assert_eq!(after(&messages), ["NEW/N2 → OTHER", "OTHER/N2 → OTHER"]);
}

#[test]
fn one_of_several_identifiers_gets_the_hospital_number() {
    let messages = [
        known((Some("A"), Some("N1"))),
        known((Some("OLD"), Some("N1"))),
        changed((Some("OLD"), Some("N1")), (Some("NEW"), Some("N2"))),
    ];
    assert_eq!(after(&messages), ["A/N2 → NEW", "NEW/N2 → NEW"]);
}

#[test]
fn an_identifier_that_was_retired_is_renamed_where_it_is() {
    let event = AdtEvent::MergePatient { previous_mrn: Some("OLD".to_owned()), previous_nhs_number: None };
    let messages = [known(OLD), adt(event, "HEAD", "", "W1^R^B", EARLY), changed(OLD, NEW)];
    assert_eq!(after(&messages), ["NEW/- → HEAD", "HEAD/- → HEAD"]);
}

#[test]
fn a_repeat_lets_the_previous_number_lead_to_the_new_one_once() {
    let mut world = World::after([known(OLD), changed(OLD, NEW), changed(OLD, NEW)]);
    let before = world.snapshot();
    assert_eq!(identifiers(&before), ["NEW/- → NEW", "OLD/- → NEW"]);
    assert_eq!(world.receive([changed(OLD, NEW)]), [Outcome::Success]);
    let after = world.snapshot();
    assert_eq!((&after.mrns, &after.lives), (&before.mrns, &before.lives));
    assert!(after.live_audits.is_empty());
}

#[test]
fn missing_numbers_are_told() {
    for message in [changed((None, None), NEW), changed(OLD, (None, None))] {
        let mut world = World::in_memory();
        assert_eq!(world.receive([message]), [Outcome::RequiredDataMissing]);
        assert!(world.snapshot().mrns.is_empty());
    }
}
