//! What each ADT trigger means, with the fields that only this event has.

use emap_hl7::HospitalZone;
use emap_interchange::AdtEvent;

use super::segments::Segments;
use crate::convert::{Failure, SkipReason};
use crate::values::{instant, plain_or_empty, wrapped_instant};

/// A registration for this reason only opens an encounter; nobody has come.
const ENCOUNTER_CREATED: &str = "ENC_CREATE";

pub(super) fn of_trigger(
    trigger: &str,
    segments: &Segments,
    zone: HospitalZone,
) -> Result<AdtEvent, Failure> {
    let pv1 = &segments.pv1;
    Ok(match trigger {
        "A01" => AdtEvent::AdmitPatient { admission_date_time: wrapped_instant(pv1.admitted_at(), zone)? },
        "A02" => AdtEvent::TransferPatient { admission_date_time: wrapped_instant(pv1.admitted_at(), zone)? },
        "A03" => AdtEvent::DischargePatient {
            discharge_disposition: Some(plain_or_empty(pv1.discharge_disposition())),
            discharge_location: Some(plain_or_empty(pv1.discharged_to())),
            admission_date_time: wrapped_instant(pv1.admitted_at(), zone)?,
            discharge_date_time: instant(pv1.discharged_at(), zone)?,
        },
        "A04" if only_creates_encounter(segments) => return Err(SkipReason::EncounterCreated.into()),
        "A04" => {
            AdtEvent::RegisterPatient { presentation_date_time: wrapped_instant(pv1.admitted_at(), zone)? }
        }
        "A08" | "A28" | "A31" => AdtEvent::UpdatePatientInfo,
        _ => return Err(SkipReason::Trigger.into()),
    })
}

fn only_creates_encounter(segments: &Segments) -> bool {
    segments.evn.as_ref().is_some_and(|evn| evn.reason_code().is(ENCOUNTER_CREATED))
}
