//! Infections: with every appointment comes the list of all that a patient ever had.

use emap_interchange::{Condition, ConditionKind, Instant, Message};

use super::{
    patient::{Patient, messages, recorded_at},
    sent::SentInfections,
};
use crate::{
    reasons::RejectReason,
    received::Received,
    values::plain_or_empty,
    views::{Infection, Zif},
};

/// The infections of a message, in its order, less those without a time and those from before the latest that was
/// sent of the patient.
pub(crate) fn infections(
    received: &Received,
    sent: &mut SentInfections,
) -> Result<Vec<Message>, RejectReason> {
    let updated_at = recorded_at(received)?;
    let mut infections = Vec::new();
    let mut latest = Vec::new();
    for patient in Patient::all(received) {
        let since = sent.latest(patient.mrn().as_deref());
        for segment in patient.segments_named(Zif::NAME) {
            for listed in Zif::of(segment).infections() {
                let infection = match infection(received, &patient, &listed, updated_at) {
                    Ok(infection) => infection,
                    Err(reason) => {
                        received.leave_out(listed.place(), reason);
                        continue;
                    }
                };
                if let Some(added_at) = infection.added_date_time.filter(|added_at| *added_at >= since) {
                    latest.push((patient.mrn(), added_at));
                    infections.push(infection);
                }
            }
        }
    }
    // Only now: of a message that is rejected nothing is sent.
    for (mrn, added_at) in latest {
        sent.record(mrn, added_at);
    }
    Ok(messages(received, infections))
}

fn infection(
    received: &Received,
    patient: &Patient,
    listed: &Infection,
    updated_at: Option<Instant>,
) -> Result<Condition, RejectReason> {
    let resolved_date_time = received.clock.wrapped_end(listed.resolved_at())?;
    Ok(Condition {
        condition_code: Some(plain_or_empty(listed.name())),
        added_date_time: received.clock.event(listed.added_at())?,
        updated_date_time: updated_at,
        ..patient.condition(ConditionKind::PatientInfection { resolved_date_time })
    })
}
