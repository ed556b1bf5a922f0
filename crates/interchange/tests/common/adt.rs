//! Patients, visits and identities.

use emap_interchange::{Adt, AdtEvent, PatientClass, PendingType};
use proptest::prelude::*;

use super::{
    record::record,
    value::{
        constant, date, maybe_constant, maybe_instant, maybe_text, wrapped, wrapped_instant, wrapped_text,
    },
};

pub(crate) fn adt() -> BoxedStrategy<Adt> {
    record!(Adt {
        recorded_date_time: maybe_instant(),
        event_reason_code: maybe_text(),
        event_occurred_date_time: maybe_instant(),
        mrn: maybe_text(),
        nhs_number: maybe_text(),
        visit_number: maybe_text(),
        mode_of_arrival: wrapped_text(),
        ethnic_group: wrapped_text(),
        full_location_string: wrapped_text(),
        previous_location_string: wrapped_text(),
        patient_birth_date: wrapped(date()),
        patient_birth_date_time: wrapped_instant(),
        patient_class: wrapped(constant(PatientClass::ALL)),
        patient_death_date_time: wrapped_instant(),
        patient_is_alive: wrapped(any::<bool>().boxed()),
        patient_family_name: wrapped_text(),
        patient_given_name: wrapped_text(),
        patient_middle_name: wrapped_text(),
        patient_religion: wrapped_text(),
        patient_sex: wrapped_text(),
        patient_title: wrapped_text(),
        patient_zip_or_postal_code: wrapped_text(),
        admission_type: wrapped_text(),
        event: event(),
    })
}

fn event() -> BoxedStrategy<AdtEvent> {
    prop_oneof![stays(), cancellations(), identities(), plans(), swap()].boxed()
}

fn stays() -> impl Strategy<Value = AdtEvent> {
    prop_oneof![
        (wrapped_instant(), wrapped_text()).prop_map(|(admission_date_time, hospital_service)| {
            AdtEvent::AdmitPatient { admission_date_time, hospital_service }
        }),
        wrapped_instant().prop_map(|admission_date_time| AdtEvent::TransferPatient { admission_date_time }),
        wrapped_instant()
            .prop_map(|presentation_date_time| AdtEvent::RegisterPatient { presentation_date_time }),
        (wrapped_instant(), maybe_instant(), maybe_text(), maybe_text()).prop_map(
            |(admission_date_time, discharge_date_time, discharge_disposition, discharge_location)| {
                AdtEvent::DischargePatient {
                    admission_date_time,
                    discharge_date_time,
                    discharge_disposition,
                    discharge_location,
                }
            }
        ),
        wrapped_text().prop_map(|hospital_service| AdtEvent::UpdatePatientInfo { hospital_service }),
        wrapped_text().prop_map(|hospital_service| AdtEvent::UpdateSubSpeciality { hospital_service }),
        Just(AdtEvent::ImpliedAdtMessage),
    ]
}

fn cancellations() -> impl Strategy<Value = AdtEvent> {
    prop_oneof![
        maybe_instant().prop_map(|cancelled_date_time| AdtEvent::CancelAdmitPatient { cancelled_date_time }),
        maybe_instant()
            .prop_map(|cancelled_date_time| AdtEvent::CancelDischargePatient { cancelled_date_time }),
        (maybe_instant(), maybe_text()).prop_map(|(cancelled_date_time, cancelled_location)| {
            AdtEvent::CancelTransferPatient { cancelled_date_time, cancelled_location }
        }),
    ]
}

fn identities() -> impl Strategy<Value = AdtEvent> {
    prop_oneof![
        (maybe_text(), maybe_text()).prop_map(|(previous_mrn, previous_nhs_number)| {
            AdtEvent::MergePatient { previous_mrn, previous_nhs_number }
        }),
        (maybe_text(), maybe_text()).prop_map(|(previous_mrn, previous_nhs_number)| {
            AdtEvent::ChangePatientIdentifiers { previous_mrn, previous_nhs_number }
        }),
        (maybe_text(), maybe_text(), maybe_text()).prop_map(
            |(previous_mrn, previous_nhs_number, previous_visit_number)| {
                AdtEvent::MoveVisitInformation { previous_mrn, previous_nhs_number, previous_visit_number }
            }
        ),
        Just(AdtEvent::DeletePersonInformation),
    ]
}

fn plans() -> impl Strategy<Value = AdtEvent> {
    let plan = || (maybe_constant(PendingType::ALL), wrapped_text(), wrapped_text());
    prop_oneof![
        plan().prop_map(|(pending_event_type, pending_destination, hospital_service)| {
            AdtEvent::PendingTransfer { pending_event_type, pending_destination, hospital_service }
        }),
        plan().prop_map(|(pending_event_type, pending_destination, hospital_service)| {
            AdtEvent::PendingDischarge { pending_event_type, pending_destination, hospital_service }
        }),
        (plan(), maybe_instant()).prop_map(
            |((pending_event_type, pending_destination, hospital_service), cancelled_date_time)| {
                AdtEvent::CancelPendingTransfer {
                    pending_event_type,
                    pending_destination,
                    hospital_service,
                    cancelled_date_time,
                }
            }
        ),
        (plan(), maybe_instant()).prop_map(
            |((pending_event_type, pending_destination, hospital_service), cancelled_date_time)| {
                AdtEvent::CancelPendingDischarge {
                    pending_event_type,
                    hospital_service,
                    pending_destination,
                    cancelled_date_time,
                }
            }
        ),
    ]
}

fn swap() -> impl Strategy<Value = AdtEvent> {
    (maybe_text(), maybe_text(), maybe_text(), wrapped_text()).prop_map(
        |(other_mrn, other_nhs_number, other_visit_number, other_full_location_string)| {
            AdtEvent::SwapLocations {
                other_mrn,
                other_nhs_number,
                other_visit_number,
                other_full_location_string,
            }
        },
    )
}
