//! Brings a message's instants to the microseconds that the database keeps, so that a repeated message compares equal
//! with what was stored of it.

use chrono::SubsecRound;
use emap_interchange::{Adt, AdtEvent, Instant, InterchangeValue, Message, Payload};

const MICROSECONDS: u16 = 6;

/// Truncates every instant of the message.
pub(crate) fn to_microseconds(message: &mut Message) {
    match &mut message.payload {
        Payload::Adt(adt) => adt_to_microseconds(adt),
    }
}

fn adt_to_microseconds(adt: &mut Adt) {
    plain(&mut adt.recorded_date_time);
    plain(&mut adt.event_occurred_date_time);
    wrapped(&mut adt.patient_birth_date_time);
    wrapped(&mut adt.patient_death_date_time);
    match &mut adt.event {
        AdtEvent::AdmitPatient { admission_date_time }
        | AdtEvent::TransferPatient { admission_date_time } => {
            wrapped(admission_date_time);
        }
        AdtEvent::RegisterPatient { presentation_date_time } => wrapped(presentation_date_time),
        AdtEvent::DischargePatient { admission_date_time, discharge_date_time, .. } => {
            wrapped(admission_date_time);
            plain(discharge_date_time);
        }
        AdtEvent::CancelAdmitPatient { cancelled_date_time }
        | AdtEvent::CancelTransferPatient { cancelled_date_time, .. }
        | AdtEvent::CancelDischargePatient { cancelled_date_time }
        | AdtEvent::CancelPendingTransfer { cancelled_date_time, .. } => plain(cancelled_date_time),
        AdtEvent::UpdatePatientInfo
        | AdtEvent::MergePatient { .. }
        | AdtEvent::MoveVisitInformation { .. }
        | AdtEvent::ChangePatientIdentifiers { .. }
        | AdtEvent::DeletePersonInformation
        | AdtEvent::SwapLocations { .. }
        | AdtEvent::PendingTransfer { .. }
        | AdtEvent::ImpliedAdtMessage => {}
    }
}

fn plain(instant: &mut Option<Instant>) {
    *instant = instant.map(|at| at.trunc_subsecs(MICROSECONDS));
}

fn wrapped(instant: &mut InterchangeValue<Instant>) {
    if let InterchangeValue::Save(at) = instant {
        *at = at.trunc_subsecs(MICROSECONDS);
    }
}
