//! Allergies: a change of one or more of a patient's allergies.

use emap_interchange::{Condition, ConditionAction, ConditionKind, Instant, InterchangeValue, Message};

use super::patient::{Patient, messages, readable, recorded_at};
use crate::{
    reasons::RejectReason,
    received::Received,
    values::{mere_date, plain, plain_or_empty, whole_number, wrapped},
    views::Iam,
};

/// The allergies of a message, in its order. They are all sent, however old: each message is about a change.
pub(crate) fn allergies(received: &Received) -> Result<Vec<Message>, RejectReason> {
    let updated_at = recorded_at(received)?;
    let patients: Vec<_> = Patient::all(received).collect();
    let items = patients.iter().flat_map(|patient| {
        patient.segments_named(Iam::NAME).map(move |segment| {
            let iam = Iam::of(segment);
            (iam.id_place(), allergy(received, patient, &iam, updated_at))
        })
    });
    Ok(messages(received, readable(received, items)?))
}

fn allergy(
    received: &Received,
    patient: &Patient,
    iam: &Iam,
    updated_at: Option<Instant>,
) -> Result<Condition, RejectReason> {
    let id = whole_number(&iam.id()).ok_or_else(|| RejectReason::Number(iam.id_place()))?;
    let reactions = iam.reactions().filter_map(|reaction| plain(reaction.value().trimmed())).collect();
    Ok(Condition {
        sub_type: wrapped(iam.allergen_type()),
        // The name is the code too: there is no other.
        condition_code: Some(plain_or_empty(iam.allergen())),
        condition_name: wrapped(iam.allergen()),
        severity: wrapped(iam.severity()),
        action: Some(action(iam)?),
        epic_condition_id: InterchangeValue::Save(id),
        onset_date: mere_date(iam.began_on())?,
        added_date_time: received.clock.event(iam.reported_at())?,
        status: wrapped(iam.status()),
        updated_date_time: updated_at,
        ..patient.condition(ConditionKind::PatientAllergy { reactions })
    })
}

fn action(iam: &Iam) -> Result<ConditionAction, RejectReason> {
    match iam.action().as_text() {
        Some("A") => Ok(ConditionAction::Add),
        Some("U" | "X") => Ok(ConditionAction::Update),
        Some("D") => Ok(ConditionAction::Delete),
        _ => Err(RejectReason::ConditionAction(iam.action_place())),
    }
}
