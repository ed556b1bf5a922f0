//! What each ADT trigger means, with the fields that only this event has.

use emap_interchange::{AdtEvent, Feature, InterchangeValue, PendingType};

use super::segments::Segments;
use crate::{
    clock::Clock,
    location::location_string,
    reasons::{Failure, SkipReason},
    values::{identifier, plain_or_empty, wrapped},
};

/// A registration for this reason only opens an encounter; no patient has come.
const ENCOUNTER_CREATED: &str = "ENC_CREATE";

/// The feature that receivers must have to be sent anything for a trigger.
pub(super) fn feature_of(trigger: &str) -> Option<Feature> {
    match trigger {
        "A16" | "A25" => Some(Feature::PendingDischarge),
        "Z99" => Some(Feature::SubSpeciality),
        _ => None,
    }
}

pub(super) fn of_trigger(trigger: &str, segments: &Segments, clock: Clock) -> Result<AdtEvent, Failure> {
    let Segments { pv1, mrg, other_pid, other_pv1, .. } = segments;
    let evn = segments.evn.as_ref();
    let hospital_service = || wrapped(pv1.hospital_service());
    let cancelled_at = || evn.map_or(Ok(None), |evn| clock.event(evn.occurred_at()));
    Ok(match trigger {
        "A01" => AdtEvent::AdmitPatient {
            admission_date_time: clock.wrapped_event(pv1.admitted_at())?,
            hospital_service: hospital_service(),
        },
        "A02" | "A06" | "A07" => {
            AdtEvent::TransferPatient { admission_date_time: clock.wrapped_event(pv1.admitted_at())? }
        }
        "A03" => AdtEvent::DischargePatient {
            discharge_disposition: Some(plain_or_empty(pv1.discharge_disposition())),
            discharge_location: Some(plain_or_empty(pv1.discharged_to())),
            admission_date_time: clock.wrapped_event(pv1.admitted_at())?,
            discharge_date_time: clock.event(pv1.discharged_at())?,
        },
        "A04" if evn.is_some_and(|evn| evn.reason_code().is(ENCOUNTER_CREATED)) => {
            return Err(SkipReason::EncounterCreated.into());
        }
        "A04" => {
            AdtEvent::RegisterPatient { presentation_date_time: clock.wrapped_event(pv1.admitted_at())? }
        }
        "A08" | "A28" | "A31" => AdtEvent::UpdatePatientInfo { hospital_service: hospital_service() },
        "A11" => AdtEvent::CancelAdmitPatient { cancelled_date_time: cancelled_at()? },
        "A12" => AdtEvent::CancelTransferPatient {
            cancelled_date_time: cancelled_at()?,
            cancelled_location: location_string(pv1.previous_location()).saved().cloned(),
        },
        "A13" => AdtEvent::CancelDischargePatient { cancelled_date_time: cancelled_at()? },
        "A15" => AdtEvent::PendingTransfer {
            pending_event_type: Some(PendingType::Transfer),
            pending_destination: location_string(pv1.pending_location()),
            hospital_service: hospital_service(),
        },
        // Receivers expect neither a destination nor a service, even if the message names them.
        "A16" => AdtEvent::PendingDischarge {
            pending_event_type: Some(PendingType::Discharge),
            pending_destination: InterchangeValue::Unknown,
            hospital_service: InterchangeValue::Unknown,
        },
        "A17" => AdtEvent::SwapLocations {
            other_mrn: identifier(other_pid.mrn()),
            other_nhs_number: identifier(other_pid.nhs_number()),
            other_visit_number: Some(identifier(other_pv1.visit_number()).unwrap_or_default()),
            other_full_location_string: location_string(other_pv1.location()),
        },
        "A25" => AdtEvent::CancelPendingDischarge {
            pending_event_type: Some(PendingType::Discharge),
            hospital_service: InterchangeValue::Unknown,
            pending_destination: InterchangeValue::Unknown,
            cancelled_date_time: cancelled_at()?,
        },
        "A26" => AdtEvent::CancelPendingTransfer {
            pending_event_type: Some(PendingType::Transfer),
            pending_destination: location_string(pv1.pending_location()),
            hospital_service: InterchangeValue::Unknown,
            cancelled_date_time: cancelled_at()?,
        },
        "A29" => AdtEvent::DeletePersonInformation,
        "A40" => AdtEvent::MergePatient {
            previous_mrn: identifier(mrg.previous_mrn()),
            previous_nhs_number: identifier(mrg.previous_nhs_number()),
        },
        "A45" => AdtEvent::MoveVisitInformation {
            previous_mrn: identifier(mrg.previous_mrn()),
            previous_nhs_number: identifier(mrg.previous_nhs_number()),
            previous_visit_number: identifier(mrg.previous_visit_number()),
        },
        "A47" => AdtEvent::ChangePatientIdentifiers {
            previous_mrn: identifier(mrg.previous_mrn()),
            previous_nhs_number: identifier(mrg.previous_nhs_number()),
        },
        "Z99" => AdtEvent::UpdateSubSpeciality { hospital_service: hospital_service() },
        _ => return Err(SkipReason::Trigger.into()),
    })
}
