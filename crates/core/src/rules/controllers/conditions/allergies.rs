//! Allergies, and how patients react.

use emap_interchange::{Condition, ConditionAction};
use emap_star::{
    RowState,
    rows::{AllergenReaction, PatientConditionId},
};

use super::condition::{Diagnosis, assign_common, link_visit, number, open};
use crate::{failure::Failure, rules::repositories::conditions, scope::Scope};

/// Notes the allergy and its reactions. Once deleted, it stays deleted.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    diagnosis: Diagnosis,
    message: &Condition,
    reactions: &[String],
) -> Result<(), Failure> {
    let Diagnosis { mrn_id, condition_type_id, .. } = diagnosis;
    let number = number(message)?;
    let known = conditions::of_patient_by_number(scope.rows, mrn_id, condition_type_id, number)?.cloned();
    let mut allergy = open(scope, diagnosis, known, number)?;
    let is_current = allergy.message_should_update(scope.message_time);
    if is_current {
        allergy.added_datetime = message.added_date_time;
        if message.action == Some(ConditionAction::Delete) {
            allergy.is_deleted = Some(true);
        }
        assign_common(&mut allergy, diagnosis, message);
    }
    let patient_condition_id = allergy.patient_condition_id;
    scope.rows.save(allergy)?;
    link_visit(scope, patient_condition_id, diagnosis)?;
    // Reactions that an older message knew of were withdrawn since.
    if is_current { replace_reactions(scope, patient_condition_id, reactions) } else { Ok(()) }
}

/// The reactions are these and no others; one that is named twice is one. Those that stay are left as they are.
fn replace_reactions(
    scope: &mut Scope<'_, '_>,
    patient_condition_id: PatientConditionId,
    reactions: &[String],
) -> Result<(), Failure> {
    let mut missing: Vec<&String> = Vec::new();
    for name in reactions {
        if !missing.contains(&name) {
            missing.push(name);
        }
    }
    let mut withdrawn = Vec::new();
    for known in conditions::reactions(scope.rows, patient_condition_id)? {
        match missing.iter().position(|name| known.name.as_ref() == Some(name)) {
            Some(place) => _ = missing.remove(place),
            None if known.valid_from <= scope.message_time => withdrawn.push(known.allergen_reaction_id),
            None => {}
        }
    }
    for id in withdrawn {
        scope.rows.delete::<AllergenReaction>(id, scope.message_time);
    }
    for name in missing {
        let reaction = AllergenReaction {
            name: Some(name.clone()),
            ..AllergenReaction::new(scope.rows.next_id()?, patient_condition_id)
        };
        scope.rows.save(RowState::created(reaction, scope.message_time))?;
    }
    Ok(())
}
