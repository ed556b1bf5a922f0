//! Allergies: a change of one or more of a patient's allergies.

use emap_hl7::Field;
use emap_interchange::{Condition, ConditionAction, ConditionKind, Instant, InterchangeValue, Message};

use super::patient::{Patient, messages, recorded_at};
use crate::{
    reasons::RejectReason,
    received::Received,
    values::{instant, mere_date, plain, plain_or_empty, whole_number, wrapped},
    views::Iam,
};

/// The allergies of a message, in its order. They are all sent, however old: each message is about a change.
pub(crate) fn allergies(received: &Received) -> Result<Vec<Message>, RejectReason> {
    let updated_at = recorded_at(received)?;
    let mut allergies = Vec::new();
    for patient in Patient::all(received) {
        for segment in patient.segments_named(Iam::NAME) {
            allergies.push(allergy(received, &patient, &Iam::of(segment), updated_at)?);
        }
    }
    Ok(messages(received, allergies))
}

fn allergy(
    received: &Received,
    patient: &Patient,
    iam: &Iam,
    updated_at: Option<Instant>,
) -> Result<Condition, RejectReason> {
    let reactions = iam.reactions().filter_map(|reaction| plain(reaction.value())).collect();
    Ok(Condition {
        sub_type: wrapped(iam.allergen_type()),
        // The name is the code too: there is no other.
        condition_code: Some(plain_or_empty(iam.allergen())),
        condition_name: wrapped(iam.allergen()),
        severity: wrapped(iam.severity()),
        action: Some(action(iam.action())?),
        epic_condition_id: InterchangeValue::Save(whole_number(iam.id())?),
        onset_date: mere_date(iam.began_on())?,
        added_date_time: instant(iam.reported_at(), received.zone)?,
        status: wrapped(iam.status()),
        updated_date_time: updated_at,
        ..patient.condition(ConditionKind::PatientAllergy { reactions })
    })
}

fn action(field: Field) -> Result<ConditionAction, RejectReason> {
    match field.value().as_text() {
        Some("A") => Ok(ConditionAction::Add),
        Some("U" | "X") => Ok(ConditionAction::Update),
        Some("D") => Ok(ConditionAction::Delete),
        _ => Err(RejectReason::ConditionAction(field.place())),
    }
}
