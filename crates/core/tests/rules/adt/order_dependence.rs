//! What the order of arrival decides: the shortest streams, and the tables that end up different.

use emap_interchange::{AdtEvent, InterchangeValue::Save, Message, PatientClass};
use emap_star::rows::{HospitalVisit, HospitalVisitAudit};
use emap_test_support::messages::{admit, adt, at, discharge, register, transfer, update, with};

use crate::{order_dependence::depending, world::World};

const PLACE: &str = "W1^R^B1";

fn on_the_second(time: &str) -> String {
    format!("2031-03-02T{time}:00Z")
}

fn merged(retired: &str, into: &str, time: &str) -> Message {
    let event = AdtEvent::MergePatient { previous_mrn: Some(retired.to_owned()), previous_nhs_number: None };
    adt(event, into, "", PLACE, &on_the_second(time))
}

fn renumbered(old: &str, new: &str, time: &str) -> Message {
    let event =
        AdtEvent::ChangePatientIdentifiers { previous_mrn: Some(old.to_owned()), previous_nhs_number: None };
    adt(event, new, "", PLACE, &on_the_second(time))
}

fn called(name: &str, time: &str) -> Message {
    with(update("M1", "", PLACE, &on_the_second(time)), |adt| adt.patient_family_name = Save(name.to_owned()))
}

#[test]
fn a_chain_of_merges_leads_to_the_same_number_in_every_order() {
    let messages = [merged("M3", "M2", "08:00"), merged("M2", "M1", "09:00"), merged("M4", "M3", "10:00")];
    assert!(!depending(&messages).contains(&"mrn_to_live"));
}

#[test]
fn of_two_merges_that_retire_one_number_the_first_counts() {
    assert!(depending(&[merged("M3", "M1", "08:00"), merged("M3", "M2", "09:00")]).contains(&"mrn_to_live"));
}

#[test]
fn a_change_of_numbers_meets_those_that_are_known() {
    let known = update("M1", "", PLACE, &on_the_second("08:00"));
    assert!(depending(&[known, renumbered("M1", "M9", "09:00")]).contains(&"mrn_to_live"));
}

#[test]
fn a_name_that_is_told_again_gives_way_to_one_of_a_time_between() {
    assert_eq!(depending(&[called("Ash", "08:00"), called("Oak", "09:00")]), [""; 0]);
    let messages = [called("Ash", "08:00"), called("Oak", "09:00"), called("Ash", "10:00")];
    assert_eq!(depending(&messages), ["core_demographic"]);
}

#[test]
fn a_retired_number_keeps_the_demographics_that_came_before_its_merge() {
    let messages = [called("Ash", "08:00"), merged("M1", "M2", "09:00")];
    assert!(depending(&messages).contains(&"core_demographic"));
}

#[test]
fn of_two_discharges_the_last_one_processed_counts_for_the_visit() {
    let messages = ["10:00", "11:00"].map(|time| discharge("M1", "V1", PLACE, &on_the_second(time)));
    assert_eq!(depending(&messages), ["hospital_visit"]);
}

#[test]
fn an_admission_and_the_moves_after_it_come_in_any_order() {
    let messages = [
        admit("M1", "V1", PLACE, &on_the_second("08:00")),
        transfer("M1", "V1", "W2^R^B2", &on_the_second("09:00")),
        discharge("M1", "V1", "W2^R^B2", &on_the_second("10:00")),
    ];
    assert_eq!(depending(&messages), [""; 0]);
}

fn of_class(class: PatientClass, message: Message) -> Message {
    with(message, |adt| adt.patient_class = Save(class))
}

#[test]
fn a_late_registration_dates_the_visit_back_for_the_class_of_a_message_between() {
    let at = |time| on_the_second(time);
    let registered = of_class(PatientClass::Emergency, register("M1", "V1", PLACE, &at("08:00")));
    let moved = of_class(PatientClass::Outpatient, transfer("M1", "V1", PLACE, &at("08:30")));
    let admitted = of_class(PatientClass::DayCase, admit("M1", "V1", PLACE, &at("09:00")));
    assert_eq!(depending(&[registered.clone(), admitted.clone()]), [""; 0]);
    assert_eq!(depending(&[registered.clone(), moved, admitted.clone()]), ["hospital_visit"]);
    // Its repeat counts as newer too.
    assert_eq!(depending(&[registered.clone(), admitted, registered]), ["hospital_visit"]);
}

#[test]
fn a_late_message_that_brings_a_time_dates_the_visit_back_and_its_repeat_takes_class_and_arrival_back() {
    let since = Save(at(&on_the_second("08:00")));
    let ten = on_the_second("10:00");
    let with_admission = |mut message: Message| {
        message = with(message, |adt| {
            if let AdtEvent::TransferPatient { admission_date_time }
            | AdtEvent::DischargePatient { admission_date_time, .. } = &mut adt.event
            {
                *admission_date_time = since.clone();
            }
        });
        message
    };
    let late = [
        admit("M1", "V1", PLACE, &ten),
        register("M1", "V1", PLACE, &ten),
        with_admission(transfer("M1", "V1", PLACE, &ten)),
        discharge("M1", "V1", PLACE, &ten),
        with_admission(discharge("M1", "V1", PLACE, &ten)),
    ];
    let arriving = |how: &str, message| with(message, |adt| adt.mode_of_arrival = Save(how.to_owned()));
    let known = transfer("M1", "V1", PLACE, &on_the_second("11:00"));
    let known = arriving("On foot", of_class(PatientClass::DayCase, known));
    for late in late {
        let late = arriving("Ambulance", of_class(PatientClass::Emergency, late));
        let mut world = World::after([known.clone(), late.clone()]);
        let reported = |world: &World| {
            let visit: HospitalVisit = world.only();
            (visit.patient_class.unwrap(), visit.arrival_method.unwrap(), visit.valid_from)
        };
        assert_eq!(reported(&world), ("DAY_CASE".to_owned(), "On foot".to_owned(), at(&ten)));
        world.receive([late.clone()]);
        assert_eq!(reported(&world), ("EMERGENCY".to_owned(), "Ambulance".to_owned(), at(&ten)));
        world.receive([late]);
        assert_eq!(world.count::<HospitalVisitAudit>(), 2, "a third one changes nothing");
    }
    // A late message without a time changes nothing, however often it comes.
    let late = arriving("Ambulance", of_class(PatientClass::Emergency, transfer("M1", "V1", PLACE, &ten)));
    let world = World::after([known, late.clone(), late]);
    assert_eq!(world.count::<HospitalVisitAudit>(), 0);
}
