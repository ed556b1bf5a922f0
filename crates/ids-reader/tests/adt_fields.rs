//! Field by field: what an ADT message says for each form that a field can have.

mod support;

use chrono::NaiveDate;
use emap_ids_reader::{RejectReason, SkipReason};
use emap_interchange::{AdtEvent, Instant, InterchangeValue, PatientClass};
use emap_test_support::messages::at;

use self::support::{adt, adt_with, message, rejected, skipped, triggered};

fn save<T>(value: T) -> InterchangeValue<T> {
    InterchangeValue::Save(value)
}

fn text(value: &str) -> InterchangeValue<String> {
    save(value.to_owned())
}

const UNKNOWN: InterchangeValue<Instant> = InterchangeValue::Unknown;
const DELETE: InterchangeValue<Instant> = InterchangeValue::Delete(None);

#[test]
fn identifiers_are_taken_by_position() {
    let found = adt_with("PID-3", "A/7^^^NHS^NHS~free text, no number~third");
    assert_eq!(
        (found.mrn.as_deref(), found.nhs_number.as_deref()),
        (Some("A/7"), Some("free text, no number"))
    );
    let one = adt_with("PID-3", "60020001");
    assert_eq!((one.mrn.as_deref(), one.nhs_number), (Some("60020001"), None));
    let none = adt(&message(&[("PID-3", ""), ("PV1-19", "")]));
    assert_eq!((none.mrn, none.visit_number.as_deref()), (None, Some("")));
    let deleted = adt(&message(&[("PID-3", "\"\"~\"\""), ("PV1-19", "\"\"")]));
    assert_eq!((deleted.mrn, deleted.nhs_number, deleted.visit_number.as_deref()), (None, None, Some("")));
}

#[test]
fn names_are_parts_of_the_first_repetition() {
    let named = adt_with("PID-5", "van&der&Berg^Joost^J.^III^DR^~OTHER^Name");
    assert_eq!(named.patient_family_name, text("van"));
    assert_eq!(named.patient_given_name, text("Joost"));
    assert_eq!(named.patient_middle_name, text("J."));
    assert_eq!(named.patient_title, text("DR"));
    let partly = adt_with("PID-5", " Berg ^ ^\"\"");
    assert_eq!(partly.patient_family_name, text("Berg"));
    assert_eq!(partly.patient_given_name, InterchangeValue::Unknown);
    assert_eq!(partly.patient_middle_name, InterchangeValue::Delete(None));
    assert_eq!(partly.patient_title, InterchangeValue::Unknown);
}

#[test]
fn escapes_are_undone_once() {
    assert_eq!(adt_with("PID-5", r"R\T\D \E\T\E\").patient_family_name, text(r"R&D \T\"));
    assert_eq!(adt_with("PID-11", r"^^^^PW1\X20\1AA").patient_zip_or_postal_code, text("PW1 1AA"));
    assert_eq!(adt_with("EVN-4", r"A\S\B").event_reason_code.as_deref(), Some("A^B"));
}

#[test]
fn death_indicator_and_time_are_independent() {
    let cases = [
        ("N", "", save(true), UNKNOWN),
        ("Y", "20240104221500", save(false), save(at("2024-01-04T22:15:00Z"))),
        ("N", "20240104221500", save(true), save(at("2024-01-04T22:15:00Z"))),
        ("", "20240704221500", InterchangeValue::Unknown, save(at("2024-07-04T21:15:00Z"))),
        ("y", "\"\"", InterchangeValue::Unknown, DELETE),
        ("\"\"", "20240701", InterchangeValue::Unknown, save(at("2024-06-30T23:00:00Z"))),
    ];
    for (indicator, died_at, alive, time) in cases {
        let found = adt(&message(&[("PID-30", indicator), ("PID-29", died_at)]));
        assert_eq!(
            (found.patient_is_alive, found.patient_death_date_time),
            (alive, time),
            "{indicator} {died_at}"
        );
    }
}

#[test]
fn birth_dates_and_times() {
    let cases = [
        ("19800610", (1980, 6, 10), "1980-06-10T00:00:00Z"),
        ("19801210", (1980, 12, 10), "1980-12-10T00:00:00Z"),
        ("19800610000000", (1980, 6, 10), "1980-06-09T23:00:00Z"),
        ("19800610031500", (1980, 6, 10), "1980-06-10T02:15:00Z"),
        ("198012100315", (1980, 12, 10), "1980-12-10T03:15:00Z"),
        ("198006", (1980, 6, 1), "1980-06-01T00:00:00Z"),
        ("1980", (1980, 1, 1), "1980-01-01T00:00:00Z"),
        ("19800610003000+0530", (1980, 6, 10), "1980-06-09T19:00:00Z"),
    ];
    for (born_at, (year, month, day), time) in cases {
        let found = adt_with("PID-7", born_at);
        let date = NaiveDate::from_ymd_opt(year, month, day).map(save);
        assert_eq!(Some(found.patient_birth_date), date, "{born_at}");
        assert_eq!(found.patient_birth_date_time, save(at(time)), "{born_at}");
    }
    let missing = adt_with("PID-7", "");
    assert_eq!(
        (missing.patient_birth_date, missing.patient_birth_date_time),
        (InterchangeValue::Unknown, UNKNOWN)
    );
    let deleted = adt_with("PID-7", "\"\"");
    assert_eq!(
        (deleted.patient_birth_date, deleted.patient_birth_date_time),
        (InterchangeValue::Delete(None), DELETE)
    );
}

#[test]
fn patient_classes() {
    let classes = [
        ("DAY CASE", PatientClass::DayCase),
        ("E", PatientClass::Emergency),
        ("I", PatientClass::Inpatient),
        ("N", PatientClass::NotApplicable),
        ("B", PatientClass::NewBorn),
        ("SURG ADMIT", PatientClass::SurgicalAdmission),
        ("P", PatientClass::PreAdmit),
        ("O", PatientClass::Outpatient),
        (" I ", PatientClass::Inpatient),
    ];
    for (code, class) in classes {
        assert_eq!(adt_with("PV1-2", code).patient_class, save(class), "{code}");
    }
    assert_eq!(adt_with("PV1-2", "").patient_class, InterchangeValue::Unknown);
    for wrong in ["i", "INPATIENT", "\"\""] {
        let reason = rejected(&message(&[("PV1-2", wrong)]));
        assert_eq!(reason.to_string(), "PV1-2 (segment 4): unknown patient class", "{wrong}");
        assert_eq!(reason.label(), "patient_class");
    }
}

#[test]
fn locations() {
    let moved = adt(&message(&[("PV1-3", "W2^Side Room 3^Bed 1^U^R"), ("PV1-6", "W1^W1 Bay^W1-1")]));
    assert_eq!(moved.full_location_string, text("W2^Side Room 3^Bed 1"));
    assert_eq!(moved.previous_location_string, text("W1^W1 Bay^W1-1"));
    let nowhere = adt(&message(&[("PV1-3", "^^^U"), ("PV1-6", "\"\"")]));
    assert_eq!(nowhere.full_location_string, InterchangeValue::Unknown);
    assert_eq!(nowhere.previous_location_string, InterchangeValue::Delete(None));
}

#[test]
fn ethnic_groups_are_named() {
    assert_eq!(adt_with("PID-22", "A").ethnic_group, text("White British"));
    assert_eq!(adt_with("PID-22", "Black Britis^x~B").ethnic_group, text("Black British"));
    assert_eq!(adt_with("PID-22", "a").ethnic_group, text("a"));
    assert_eq!(adt_with("PID-22", "\"\"").ethnic_group, InterchangeValue::Delete(None));
    assert_eq!(adt_with("PID-22", "").ethnic_group, InterchangeValue::Unknown);
}

#[test]
fn event_times() {
    let found = adt(&message(&[("EVN-2", "202407011205"), ("EVN-6", "20240701113015+0000")]));
    assert_eq!(found.recorded_date_time, Some(at("2024-07-01T11:05:00Z")));
    assert_eq!(found.event_occurred_date_time, Some(at("2024-07-01T11:30:15Z")));
    // The header's time takes no part once the kind of message has an event segment.
    let unsaid = adt(&message(&[("EVN-2", ""), ("EVN-6", "\"\"")]));
    assert_eq!((unsaid.recorded_date_time, unsaid.event_occurred_date_time), (None, None));
    let without =
        support::message(&[]).lines().filter(|line| !line.starts_with("EVN")).collect::<Vec<_>>().join("\r");
    assert_eq!(adt(&without).recorded_date_time, Some(at("2024-01-05T10:30:00Z")), "MSH-7");
}

#[test]
fn begin_and_end_of_the_stay() {
    let times =
        [("PV1-44", "20240701080000"), ("PV1-45", "20240703170000"), ("PV1-36", "Home"), ("PV1-37", "\"\"")];
    let begin = at("2024-07-01T07:00:00Z");
    let event = |trigger| adt(&triggered(trigger, &times)).event;
    assert_eq!(
        event("A01"),
        AdtEvent::AdmitPatient {
            admission_date_time: save(begin),
            hospital_service: InterchangeValue::Unknown
        }
    );
    assert_eq!(event("A02"), AdtEvent::TransferPatient { admission_date_time: save(begin) });
    assert_eq!(event("A04"), AdtEvent::RegisterPatient { presentation_date_time: save(begin) });
    let discharge = AdtEvent::DischargePatient {
        admission_date_time: save(begin),
        discharge_date_time: Some(at("2024-07-03T16:00:00Z")),
        discharge_disposition: Some("Home".to_owned()),
        discharge_location: Some("\"\"".to_owned()),
    };
    assert_eq!(event("A03"), discharge);
    assert_eq!(
        adt(&triggered("A01", &[])).event,
        AdtEvent::AdmitPatient { admission_date_time: UNKNOWN, hospital_service: InterchangeValue::Unknown }
    );
    let deleted = adt(&triggered("A01", &[("PV1-44", "\"\"")])).event;
    assert_eq!(
        deleted,
        AdtEvent::AdmitPatient { admission_date_time: DELETE, hospital_service: InterchangeValue::Unknown }
    );
    let bare = AdtEvent::DischargePatient {
        admission_date_time: UNKNOWN,
        discharge_date_time: None,
        discharge_disposition: Some(String::new()),
        discharge_location: Some(String::new()),
    };
    assert_eq!(adt(&triggered("A03", &[])).event, bare);
}

#[test]
fn updates_do_not_read_the_stay() {
    for trigger in ["A08", "A28", "A31"] {
        assert_eq!(adt(&triggered(trigger, &[("PV1-44", "nonsense")])).event, AdtEvent::default());
    }
}

#[test]
fn a_registration_that_only_creates_an_encounter_is_skipped() {
    assert_eq!(skipped(&triggered("A04", &[("EVN-4", "ENC_CREATE")])), SkipReason::EncounterCreated);
    assert!(adt(&triggered("A01", &[("EVN-4", "ENC_CREATE")])).event_reason_code.is_some());
}

#[test]
fn sender_is_the_first_component() {
    assert_eq!(
        support::messages(&message(&[("MSH-3", "EPIC^PRD^X")]))[0].source_system.as_deref(),
        Some("EPIC")
    );
}

#[test]
fn every_timestamp_that_is_read_must_be_one() {
    for place in ["MSH-7", "EVN-2", "EVN-6", "PID-7", "PID-29", "PV1-44"] {
        for nonsense in ["20241301", "yesterday", "20240230120000", "199", "20240105 1030"] {
            let reason = rejected(&message(&[(place, nonsense)]));
            let RejectReason::Timestamp(bad) = &reason else { panic!("{place} {reason:?}") };
            assert_eq!(format!("{}-{}", bad.place.segment, bad.place.field), place);
            assert!(!reason.to_string().contains(nonsense), "errors are logged, values are not");
        }
    }
}

#[test]
fn segments_may_stand_anywhere() {
    let ordinary = support::message(&[("PV2-38", "Car")]);
    let mut lines: Vec<_> = ordinary.lines().collect();
    lines[1..].reverse();
    lines.insert(1, "ZZZ|?");
    lines.insert(3, "NTE|1||words");
    lines.insert(4, "OBX|1|TX|A||1");
    assert_eq!(adt(&lines.join("\r")), adt(&ordinary));
}

#[test]
fn a_second_patient_is_left_alone() {
    let twice =
        support::message(&[("PV1-19", "1")]) + "\nPID|2||60029999||OTHER\nPV2|" + &"|".repeat(36) + "|Car";
    assert_eq!(adt(&twice), adt(&support::message(&[("PV1-19", "1")])));
}
