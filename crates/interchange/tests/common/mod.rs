//! Arbitrary messages, for property tests.

use chrono::{DateTime, NaiveDate};
use emap_interchange::{
    Adt, AdtEvent, Instant, InterchangeValue, Message, PatientClass, Payload, PendingType,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z]{1,3}[0-9]{2,8}",
        "\\PC{0,12}",
        vec(any::<char>(), 0..8).prop_map(|characters| characters.into_iter().collect()),
        Just("\"\"".to_owned()),
        Just("null".to_owned()),
        Just("yes".to_owned()),
        Just(" 0123 ".to_owned()),
    ]
}

pub(crate) fn instant() -> impl Strategy<Value = Instant> {
    // From the year -9999 to 63000, what no peer exceeds, and more often the present.
    let seconds =
        prop_oneof![1 => -377_000_000_000_i64..1_926_000_000_000, 3 => -2_000_000_000_i64..2_500_000_000];
    let nanos = prop_oneof![Just(0_u32), (0_u32..1000).prop_map(|ms| ms * 1_000_000), 0_u32..1_000_000_000];
    (seconds, nanos).prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (-4_000_000_i32..4_000_000).prop_map(|days| NaiveDate::from_epoch_days(days).unwrap())
}

fn wrapped<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = InterchangeValue<T>> {
    prop_oneof![
        Just(InterchangeValue::Unknown),
        Just(InterchangeValue::Delete(None)),
        value.clone().prop_map(InterchangeValue::Save),
        value.prop_map(|value| InterchangeValue::Delete(Some(value))),
    ]
}

fn wrapped_text() -> impl Strategy<Value = InterchangeValue<String>> {
    wrapped(text().boxed())
}

fn wrapped_instant() -> impl Strategy<Value = InterchangeValue<Instant>> {
    wrapped(instant().boxed())
}

fn maybe_text() -> impl Strategy<Value = Option<String>> {
    option::of(text())
}

fn event() -> BoxedStrategy<AdtEvent> {
    let time = || option::of(instant());
    let pending = || option::of(proptest::sample::select(PendingType::ALL));
    prop_oneof![
        wrapped_instant().prop_map(|admission_date_time| AdtEvent::AdmitPatient { admission_date_time }),
        wrapped_instant().prop_map(|admission_date_time| AdtEvent::TransferPatient { admission_date_time }),
        (wrapped_instant(), time(), maybe_text(), maybe_text()).prop_map(
            |(admitted, discharged, what, to)| {
                AdtEvent::DischargePatient {
                    admission_date_time: admitted,
                    discharge_date_time: discharged,
                    discharge_disposition: what,
                    discharge_location: to,
                }
            }
        ),
        wrapped_instant()
            .prop_map(|presentation_date_time| AdtEvent::RegisterPatient { presentation_date_time }),
        Just(AdtEvent::UpdatePatientInfo),
        time().prop_map(|cancelled_date_time| AdtEvent::CancelAdmitPatient { cancelled_date_time }),
        (time(), maybe_text()).prop_map(|(cancelled_date_time, cancelled_location)| {
            AdtEvent::CancelTransferPatient { cancelled_date_time, cancelled_location }
        }),
        time().prop_map(|cancelled_date_time| AdtEvent::CancelDischargePatient { cancelled_date_time }),
        identifiers(),
        Just(AdtEvent::DeletePersonInformation),
        (maybe_text(), maybe_text(), maybe_text(), wrapped_text()).prop_map(
            |(mrn, nhs_number, visit, location)| {
                AdtEvent::SwapLocations {
                    other_mrn: mrn,
                    other_nhs_number: nhs_number,
                    other_visit_number: visit,
                    other_full_location_string: location,
                }
            }
        ),
        (pending(), wrapped_text()).prop_map(|(pending_event_type, pending_destination)| {
            AdtEvent::PendingTransfer { pending_event_type, pending_destination }
        }),
        (pending(), wrapped_text(), time()).prop_map(|(kind, pending_destination, cancelled_date_time)| {
            AdtEvent::CancelPendingTransfer {
                pending_event_type: kind,
                pending_destination,
                cancelled_date_time,
            }
        }),
        Just(AdtEvent::ImpliedAdtMessage),
    ]
    .boxed()
}

fn identifiers() -> impl Strategy<Value = AdtEvent> {
    (maybe_text(), maybe_text(), maybe_text(), 0..3).prop_map(|(mrn, nhs_number, visit, kind)| match kind {
        0 => AdtEvent::MergePatient { previous_mrn: mrn, previous_nhs_number: nhs_number },
        1 => AdtEvent::ChangePatientIdentifiers { previous_mrn: mrn, previous_nhs_number: nhs_number },
        _ => AdtEvent::MoveVisitInformation {
            previous_mrn: mrn,
            previous_nhs_number: nhs_number,
            previous_visit_number: visit,
        },
    })
}

fn adt() -> impl Strategy<Value = Adt> {
    let times = (option::of(instant()), option::of(instant()), wrapped_instant(), wrapped_instant());
    let texts = vec(wrapped_text(), 11);
    let plain = vec(maybe_text(), 4);
    let class = proptest::sample::select(PatientClass::ALL);
    let others = (wrapped(date().boxed()), wrapped(class), wrapped(any::<bool>()));
    (times, texts, plain, others, event()).prop_map(|(times, texts, plain, others, event)| {
        let mut texts = texts.into_iter();
        let mut plain = plain.into_iter();
        Adt {
            recorded_date_time: times.0,
            event_occurred_date_time: times.1,
            patient_birth_date_time: times.2,
            patient_death_date_time: times.3,
            event_reason_code: plain.next().unwrap(),
            mrn: plain.next().unwrap(),
            nhs_number: plain.next().unwrap(),
            visit_number: plain.next().unwrap(),
            mode_of_arrival: texts.next().unwrap(),
            ethnic_group: texts.next().unwrap(),
            full_location_string: texts.next().unwrap(),
            previous_location_string: texts.next().unwrap(),
            patient_family_name: texts.next().unwrap(),
            patient_given_name: texts.next().unwrap(),
            patient_middle_name: texts.next().unwrap(),
            patient_religion: texts.next().unwrap(),
            patient_sex: texts.next().unwrap(),
            patient_title: texts.next().unwrap(),
            patient_zip_or_postal_code: texts.next().unwrap(),
            patient_birth_date: others.0,
            patient_class: others.1,
            patient_is_alive: others.2,
            event,
        }
    })
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
    (maybe_text(), maybe_text(), adt()).prop_map(|(source_message_id, source_system, adt)| Message {
        source_message_id,
        source_system,
        payload: Payload::Adt(Box::new(adt)),
    })
}
