//! What only some receivers understand: expected discharges, hospital services, types of admissions.

mod support;

use emap_ids_reader::{ConversionOutcome, SkipReason};
use emap_interchange::{
    Adt, AdtEvent, Feature, Features, Generation,
    InterchangeValue::{self, Delete, Unknown},
    PendingType,
};
use emap_test_support::messages::at;

use self::support::{SOURCE_ID, converter_for, latest_adt, triggered};

fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}

fn event(trigger: &str, changes: &[(&str, &str)]) -> AdtEvent {
    latest_adt(&triggered(trigger, changes)).event
}

/// The message without segments of this kind.
fn without(segment: &str, text: &str) -> String {
    text.lines().filter(|line| !line.starts_with(segment)).collect::<Vec<_>>().join("\n")
}

/// How a field about the hospital service is read.
const SERVICES: [(&str, Option<&str>); 5] = [
    ("Renal", Some("Renal")),
    ("Renal&x^Renal medicine^LOCAL~Other", Some("Renal")),
    ("", None),
    (" ^Renal medicine", None),
    ("\"\"", Some("\"\"")),
];

fn expected(text: Option<&str>) -> InterchangeValue<String> {
    match text {
        None => Unknown,
        Some("\"\"") => Delete(None),
        Some(text) => save(text),
    }
}

#[test]
fn events_name_the_speciality_that_cares_for_the_patient() {
    for (field, text) in SERVICES {
        for trigger in ["A01", "A08", "A28", "A31", "Z99"] {
            let event = event(trigger, &[("PV1-10", field)]);
            assert_eq!(event.hospital_service(), Some(&expected(text)), "{trigger} {field}");
        }
        let pending = event("A15", &[("PV1-10", field), ("PV1-42", "W2^Bay 1^W2-1")]);
        let pending = pending.pending().unwrap();
        assert_eq!(pending.hospital_service, &expected(text), "{field}");
        assert_eq!(pending.destination, &save("W2^Bay 1^W2-1"));
    }
    assert!(matches!(event("Z99", &[]), AdtEvent::UpdateSubSpeciality { .. }));
}

#[test]
fn a_cancelled_plan_names_no_speciality() {
    let event = event("A26", &[("PV1-10", "Renal")]);
    assert_eq!(event.pending().unwrap().hospital_service, &Unknown);
}

#[test]
fn an_expected_discharge_has_neither_destination_nor_speciality() {
    let filled = [("PV1-10", "Renal"), ("PV1-42", "W2^Bay 1^W2-1"), ("EVN-6", "202407011030")];
    for trigger in ["A16", "A25"] {
        let event = event(trigger, &filled);
        let pending = event.pending().unwrap();
        assert_eq!(pending.event_type, Some(PendingType::Discharge), "{trigger}");
        assert_eq!((pending.destination, pending.hospital_service), (&Unknown, &Unknown), "{trigger}");
        let expected = (trigger == "A25").then(|| at("2024-07-01T09:30:00Z"));
        assert_eq!(event.cancelled_date_time(), expected, "{trigger}");
    }
}

#[test]
fn a_cancelled_discharge_takes_its_time_from_the_event_as_all_cancellations_do() {
    for trigger in ["A25", "A26"] {
        let text = triggered(trigger, &[("EVN-6", "soon")]);
        let outcome = support::latest().convert(SOURCE_ID, text.as_bytes()).outcome;
        let ConversionOutcome::Rejected { reason } = outcome else { panic!("{outcome:?}") };
        assert_eq!(reason.label(), "timestamp");
        let without_event = latest_adt(&without("EVN", &triggered(trigger, &[])));
        assert_eq!(without_event.event.cancelled_date_time(), None, "{trigger}");
    }
}

#[test]
fn a_message_without_a_visit_names_no_speciality() {
    for trigger in ["A01", "A08", "A28", "A31", "Z99"] {
        let found = latest_adt(&without("PV1", &triggered(trigger, &[])));
        assert_eq!(found.event.hospital_service(), Some(&Unknown), "{trigger}");
        assert_eq!(found.admission_type, Unknown);
        // A kind of message that is not in the standard need not have a visit.
        let visit = (trigger != "Z99").then(String::new);
        assert_eq!(found.visit_number, visit, "{trigger}");
    }
    let opened = triggered("Z99", &[("EVN-4", "ENC_CREATE"), ("PV1-10", "Renal")]);
    assert_eq!(latest_adt(&opened).event.hospital_service(), Some(&save("Renal")));
}

#[test]
fn a_visit_that_is_not_the_patient_s_says_nothing() {
    let visit = "PV1|1|I|W9^a^b|Emergency||W8^a^b||||Renal|||||||||5500900090";
    let merge = without("PV1", &triggered("A40", &[]));
    for lines in [&["MRG|80020001", visit][..], &[visit, "MRG|80020001"]] {
        let found = latest_adt(&format!("{merge}\n{}", lines.join("\n")));
        let Adt { admission_type, full_location_string, previous_location_string, .. } = &found;
        assert!(
            [admission_type, full_location_string, previous_location_string]
                .iter()
                .all(|one| one.is_unknown())
        );
        assert!(found.patient_class.is_unknown() && found.visit_number.is_none());
    }
}

#[test]
fn the_type_of_an_admission_comes_with_what_makes_or_ends_a_stay() {
    let admission_type = |trigger, field| latest_adt(&triggered(trigger, &[("PV1-4", field)])).admission_type;
    for trigger in ["A01", "A02", "A03", "A04", "A06", "A07"] {
        assert_eq!(admission_type(trigger, "Emergency^x"), save("Emergency"), "{trigger}");
        assert_eq!(admission_type(trigger, "\"\""), Delete(None), "{trigger}");
        assert_eq!(admission_type(trigger, " "), Unknown, "{trigger}");
    }
    for trigger in [
        "A05", "A08", "A11", "A12", "A13", "A15", "A16", "A17", "A25", "A26", "A28", "A29", "A31", "A40",
        "A45", "A47", "Z99",
    ] {
        assert_eq!(admission_type(trigger, "Emergency"), Unknown, "{trigger}");
    }
}

#[test]
fn events_that_receivers_do_not_know_are_skipped_good_or_bad() {
    for (feature, triggers) in
        [(Feature::PendingDischarge, &["A16", "A25"][..]), (Feature::SubSpeciality, &["Z99"])]
    {
        let only = Features::of(Generation::Main).with(feature);
        let all_others = Features::chosen(Generation::Latest, &format!("-{feature}")).unwrap();
        for trigger in triggers {
            for text in [triggered(trigger, &[]), triggered(trigger, &[("EVN-2", "soon"), ("PV1-2", "?")])] {
                for features in [all_others, Features::default()] {
                    let outcome = converter_for(features).convert(SOURCE_ID, text.as_bytes()).outcome;
                    let reason = SkipReason::FeatureOff(feature);
                    assert_eq!(outcome, ConversionOutcome::Skipped { reason }, "{trigger}");
                }
            }
            let outcome = converter_for(only).convert(SOURCE_ID, triggered(trigger, &[]).as_bytes()).outcome;
            assert!(matches!(outcome, ConversionOutcome::Messages(_)), "{trigger}: {outcome:?}");
        }
    }
    assert_eq!(SkipReason::FeatureOff(Feature::SubSpeciality).label(), "feature_off");
}
