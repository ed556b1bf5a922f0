//! Messages about few patients and visits, so that they meet.

use emap_interchange::{AdtEvent, InterchangeValue::Save, Message};
use emap_test_support::messages::{admit, adt, at, discharge, register, transfer, update, with};
use proptest::{prelude::*, sample::select};

const PLACES: [&str; 3] = ["W1^W1 BAY1^W1-01", "W2^W2 BAY1^W2-01", "W3^W3 SR^W3-09"];

/// Any of them.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    let patients = select(vec![("M1", "V1"), ("M1", "V2"), ("M2", "V3"), ("M3", "")]);
    (0..9_usize, patients, select(&PLACES), 0..6_u32, proptest::option::of(select(&PLACES)), any::<bool>())
        .prop_map(|(kind, (mrn, visit), place, hour, previous, trusted)| {
            let time = format!("2031-03-02T{:02}:00:00Z", 8 + hour);
            let cancelled = Some(at(&time));
            let message = match kind {
                0 => admit(mrn, visit, place, &time),
                1 => register(mrn, visit, place, &time),
                2 | 3 => transfer(mrn, visit, place, &time),
                4 => discharge(mrn, visit, place, &time),
                5 => update(mrn, visit, place, &time),
                6 => adt(AdtEvent::ImpliedAdtMessage, mrn, visit, place, &time),
                7 => adt(
                    AdtEvent::CancelAdmitPatient { cancelled_date_time: cancelled },
                    mrn,
                    visit,
                    place,
                    &time,
                ),
                _ => adt(
                    AdtEvent::CancelDischargePatient { cancelled_date_time: cancelled },
                    mrn,
                    visit,
                    place,
                    &time,
                ),
            };
            let message = with(message, |adt| {
                adt.previous_location_string = previous.map_or_else(Default::default, |p| Save(p.to_owned()));
                adt.patient_family_name = Save(format!("Name{hour}"));
                adt.nhs_number = (hour % 2 == 0).then(|| format!("N-{mrn}"));
            });
            let system = if trusted { "EPIC" } else { "Elsewhere" };
            Message { source_system: Some(system.to_owned()), ..message }
        })
}

/// Messages that change who is who. Deletions are rare, or nothing would be left.
pub(crate) fn identity() -> impl Strategy<Value = Message> {
    let numbers = || select(&[Some("M1"), Some("M2"), Some("M3"), None]);
    let nhs_numbers = || select(&[Some("N-M1"), Some("N-M2"), None, None, None]);
    let visits = || select(&["V1", "V2", "V3", "V4"]);
    let who = (numbers(), nhs_numbers(), visits());
    (0..9_usize, who.clone(), who, select(&PLACES), select(&PLACES), 0..6_u32).prop_map(
        |(
            kind,
            (mrn, nhs_number, visit),
            (other_mrn, other_nhs_number, other_visit),
            place,
            other_place,
            hour,
        )| {
            let text = |value: Option<&str>| value.map(str::to_owned);
            let (previous_mrn, previous_nhs_number) = (text(other_mrn), text(other_nhs_number));
            let event = match kind {
                0 | 1 => AdtEvent::MergePatient { previous_mrn, previous_nhs_number },
                2 | 3 => AdtEvent::ChangePatientIdentifiers { previous_mrn, previous_nhs_number },
                4 | 5 => AdtEvent::MoveVisitInformation {
                    previous_mrn,
                    previous_nhs_number,
                    previous_visit_number: Some(other_visit.to_owned()),
                },
                6 | 7 => AdtEvent::SwapLocations {
                    other_mrn: previous_mrn,
                    other_nhs_number: previous_nhs_number,
                    other_visit_number: Some(other_visit.to_owned()),
                    other_full_location_string: Save(other_place.to_owned()),
                },
                _ => AdtEvent::DeletePersonInformation,
            };
            let time = format!("2031-03-02T{:02}:00:00Z", 8 + hour);
            with(adt(event, "unused", visit, place, &time), |adt| {
                adt.mrn = text(mrn);
                adt.nhs_number = text(nhs_number);
                adt.patient_family_name = Save(format!("Name{hour}"));
            })
        },
    )
}
