//! What only one kind of event says: cancellations, plans, swaps, and changes of identity.

mod support;

use emap_interchange::{Adt, AdtEvent, InterchangeValue, PatientClass, PendingType};
use emap_test_support::messages::at;

use self::support::{adt, rejected, triggered};

fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}

fn event(trigger: &str, changes: &[(&str, &str)]) -> AdtEvent {
    adt(&triggered(trigger, changes)).event
}

/// The ordinary message for a trigger with the lines after its patient replaced.
fn with_lines(trigger: &str, lines: &[&str]) -> Adt {
    let ordinary = triggered(trigger, &[]);
    let head: Vec<_> = ordinary.lines().take(3).chain(lines.iter().copied()).collect();
    adt(&head.join("\n"))
}

#[test]
fn a_change_of_class_is_a_transfer() {
    for trigger in ["A06", "A07"] {
        let found = adt(&triggered(trigger, &[("PV1-2", "O"), ("PV1-44", "20240701080000")]));
        let admission_date_time = InterchangeValue::Save(at("2024-07-01T07:00:00Z"));
        assert_eq!(found.event, AdtEvent::TransferPatient { admission_date_time });
        assert_eq!(found.patient_class, InterchangeValue::Save(PatientClass::Outpatient));
    }
}

#[test]
fn a_cancellation_happens_when_its_event_does() {
    let cancelled_at = |occurred_at| {
        let changes = [("EVN-6", occurred_at)];
        let events = ["A11", "A12", "A13", "A26"].map(|trigger| event(trigger, &changes));
        let times = events.each_ref().map(AdtEvent::cancelled_date_time);
        assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
        times[0]
    };
    assert_eq!(cancelled_at("202407011030"), Some(at("2024-07-01T09:30:00Z")));
    // Not when it was recorded: that may be much later.
    for unsaid in ["", "\"\""] {
        assert_eq!(cancelled_at(unsaid), None);
    }
    for trigger in ["A11", "A12", "A13", "A26"] {
        assert_eq!(rejected(&triggered(trigger, &[("EVN-6", "soon")])).label(), "timestamp");
    }
}

#[test]
fn a_cancelled_transfer_was_to_the_previous_location() {
    let found = adt(&triggered("A12", &[("PV1-6", "W2^Bay^\"\"")]));
    assert_eq!(found.previous_location_string, save("W2^Bay^null"));
    let AdtEvent::CancelTransferPatient { cancelled_location, .. } = found.event else { panic!("{found:?}") };
    assert_eq!(cancelled_location.as_deref(), Some("W2^Bay^null"));
    for nowhere in ["", "\"\"", "^^^U"] {
        let event = event("A12", &[("PV1-6", nowhere)]);
        assert!(matches!(event, AdtEvent::CancelTransferPatient { cancelled_location: None, .. }));
    }
}

#[test]
fn plans_name_their_destination() {
    let destinations = [
        ("W2^Bay 1^W2-1^U", save("W2^Bay 1^W2-1")),
        ("", InterchangeValue::Unknown),
        ("\"\"", InterchangeValue::Delete(None)),
    ];
    for (place, expected) in destinations {
        for trigger in ["A15", "A26"] {
            let event = event(trigger, &[("PV1-42", place)]);
            let pending = event.pending().unwrap();
            assert_eq!(pending.event_type, Some(PendingType::Transfer), "{trigger} {place}");
            assert_eq!(pending.destination, &expected, "{trigger} {place}");
        }
    }
}

#[test]
fn in_a_swap_each_patient_has_the_visit_that_follows() {
    let swapped = |order: &[&str]| {
        let header = triggered("A17", &[]);
        let header: Vec<_> = header.lines().take(2).collect();
        let found = adt(&[&header[..], order].concat().join("\n"));
        let AdtEvent::SwapLocations { other_mrn, other_visit_number, other_full_location_string, .. } =
            found.event
        else {
            panic!("no swap")
        };
        let mine = (found.mrn, found.visit_number, found.full_location_string);
        (mine, (other_mrn, other_visit_number, other_full_location_string))
    };
    let someone = |mrn: &str, visit: &str, place| (Some(mrn.to_owned()), Some(visit.to_owned()), save(place));
    let both = (someone("1", "11", "W1^a^null"), someone("2", "22", "W2^b^null"));
    let (pid1, pv1) = ("PID|1||1", "PV1|1|I|W1^a||||||||||||||||11");
    let (pid2, pv2) = ("PID|2||2", "PV1|1|I|W2^b||||||||||||||||22");
    for order in [
        &[pid1, pv1, pid2, pv2][..],
        &[pid1, "ZZZ|1", pv1, "OBX|1|TX|A||1", pid2, "NTE|1", pv2],
        &[pv1, pid1, pid2, pv2],
        &[pid1, pv1, pv2, pid2],
        &[pid1, pid2, pv1, pv2],
    ] {
        assert_eq!(swapped(order), both, "{order:?}");
    }
    let without_visit = |mrn: &str| (Some(mrn.to_owned()), Some(String::new()), InterchangeValue::Unknown);
    assert_eq!(swapped(&[pid1, pid2, pv2]), (without_visit("1"), both.1.clone()));
    assert_eq!(swapped(&[pid1, pv1, pid2]), (both.0, without_visit("2")));
}

#[test]
fn a_merge_is_about_patients_and_not_about_visits() {
    let pv1 = "PV1|1|I|W9^a^b|||W8^a^b|||||||||||||5500900090";
    for lines in
        [&["MRG|80020001^^^MRN~9990100025", pv1][..], &[pv1, "ZXX|1", "MRG|80020001^^^MRN~9990100025"]]
    {
        let found = with_lines("A40", lines);
        assert_eq!(found.event.previous_identifiers(), Some((Some("80020001"), Some("9990100025"))));
        assert_eq!((found.mrn.as_deref(), found.visit_number), (Some("60020001"), None));
        assert!(found.full_location_string.is_unknown() && found.previous_location_string.is_unknown());
        assert!(found.patient_class.is_unknown());
    }
}

#[test]
fn only_the_first_of_several_merges_is_sent() {
    let found = with_lines("A40", &["MRG|80020001", "PID|2||60029999", "MRG|80029999~9990199999"]);
    assert_eq!(found.event.previous_identifiers(), Some((Some("80020001"), None)));
    let unsaid = with_lines("A40", &["PID|2||60029999", "MRG|80029999"]);
    assert_eq!(unsaid.event.previous_identifiers(), Some((None, None)));
}

#[test]
fn missing_and_deleted_previous_identifiers_are_none() {
    for trigger in ["A40", "A45", "A47"] {
        for mrg in ["MRG", "MRG|\"\"~\"\"||||\"\"", "ZZZ"] {
            let event = with_lines(trigger, &[mrg]).event;
            assert_eq!(event.previous_identifiers(), Some((None, None)), "{trigger} {mrg}");
            if let AdtEvent::MoveVisitInformation { previous_visit_number, .. } = event {
                assert_eq!(previous_visit_number, None);
            }
        }
    }
}

#[test]
fn a_moved_visit_stands_with_its_former_identifiers() {
    let visit = |lines: &[&str]| {
        let found = with_lines("A45", lines);
        let AdtEvent::MoveVisitInformation { previous_mrn, previous_visit_number, .. } = found.event else {
            panic!("no move")
        };
        assert_eq!(
            (previous_mrn.as_deref(), previous_visit_number.as_deref()),
            (Some("80020001"), Some("55A"))
        );
        found.visit_number.unwrap_or_default()
    };
    let (mrg, other_mrg) = ("MRG|80020001||||55A", "MRG|80029999||||55Z");
    let (pv1, other_pv1) = ("PV1|1|I|W1||||||||||||||||5500100007", "PV1|1|I|W9||||||||||||||||5500900090");
    assert_eq!(visit(&[mrg, pv1]), "5500100007");
    assert_eq!(visit(&[mrg, "ZXX|1", pv1, other_mrg, other_pv1]), "5500100007");
    // Out of place, but there is no other.
    assert_eq!(visit(&[pv1, mrg]), "5500100007");
    assert_eq!(visit(&[pv1, mrg, other_mrg, other_pv1]), "5500100007");
    // What belongs to the second move is not the first visit.
    assert_eq!(visit(&[mrg, other_mrg, other_pv1]), "");
    assert_eq!(visit(&[mrg, pv1, pv1, "PID|2||60029999", other_pv1]), "5500100007");
}

#[test]
fn new_identifiers_come_with_a_visit_or_without() {
    let with = with_lines("A47", &["MRG|80020001~9990100025", "PV1|1|I|W1^a^b||||||||||||||||5500100007"]);
    assert_eq!(with.event.previous_identifiers(), Some((Some("80020001"), Some("9990100025"))));
    assert_eq!(with.visit_number.as_deref(), Some("5500100007"));
    assert_eq!(with.full_location_string, save("W1^a^b"));
    let without = with_lines("A47", &["MRG|80020001"]);
    assert_eq!((without.visit_number, without.full_location_string), (None, InterchangeValue::Unknown));
}

#[test]
fn a_deleted_person_needs_no_visit() {
    let found = adt(&triggered("A29", &[("PV1-2", "N"), ("PV1-3", ""), ("PV1-19", "")]));
    assert_eq!(found.event, AdtEvent::DeletePersonInformation);
    assert_eq!(found.patient_class, InterchangeValue::Save(PatientClass::NotApplicable));
    assert_eq!(found.visit_number.as_deref(), Some(""));
}
