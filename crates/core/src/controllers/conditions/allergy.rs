//! Allergies, and how patients react.

use emap_interchange::{Condition, ConditionAction};
use emap_star::{RowState, Session, rows::AllergenReaction};

use super::{Subject, assign_common, link_visit, number, open};
use crate::{
    outcome::ProcessingError,
    repositories::{allergen_reactions, patient_conditions},
};

/// Notes the allergy and its reactions. Once deleted, it stays deleted.
pub(crate) fn update(
    session: &mut Session,
    subject: Subject,
    message: &Condition,
    reactions: &[String],
) -> Result<(), ProcessingError> {
    let Subject { mrn_id, condition_type_id, message_time, .. } = subject;
    let number = number(message)?;
    let known =
        patient_conditions::of_patient_by_number(session, mrn_id, condition_type_id, number)?.cloned();
    let mut allergy = open(session, subject, known, number)?;
    let is_current = allergy.message_should_update(message_time);
    if is_current {
        allergy.added_datetime = message.added_date_time;
        if message.action == Some(ConditionAction::Delete) {
            allergy.is_deleted = Some(true);
        }
        assign_common(&mut allergy, subject, message);
    }
    let patient_condition_id = allergy.patient_condition_id;
    session.save(allergy)?;
    link_visit(session, patient_condition_id, subject)?;
    // Reactions that an older message knew of were withdrawn since.
    if is_current { replace_reactions(session, patient_condition_id, subject, reactions) } else { Ok(()) }
}

/// The reactions are these and no others. Those that stay are left as they are.
fn replace_reactions(
    session: &mut Session,
    patient_condition_id: i64,
    subject: Subject,
    reactions: &[String],
) -> Result<(), ProcessingError> {
    let mut missing: Vec<&String> = reactions.iter().collect();
    let mut withdrawn = Vec::new();
    for known in allergen_reactions::of_allergy(session, patient_condition_id)? {
        match missing.iter().position(|name| known.name.as_ref() == Some(name)) {
            Some(place) => _ = missing.remove(place),
            None if known.valid_from <= subject.message_time => withdrawn.push(known.allergen_reaction_id),
            None => {}
        }
    }
    for id in withdrawn {
        session.delete::<AllergenReaction>(id, subject.message_time);
    }
    for name in missing {
        let reaction = AllergenReaction {
            allergen_reaction_id: session.next_id()?,
            stored_from: session.stored_from(),
            valid_from: subject.message_time,
            name: Some(name.clone()),
            patient_condition_id,
        };
        session.save(RowState::created(reaction, subject.message_time))?;
    }
    Ok(())
}
