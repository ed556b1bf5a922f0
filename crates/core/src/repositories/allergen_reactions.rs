//! Reactions of patients to allergens.

use emap_star::{
    Session, SessionError,
    rows::{AllergenReaction, PatientCondition, ReactionByCondition},
};

/// All reactions of an allergy.
pub(crate) fn of_allergy(
    session: &mut Session,
    patient_condition_id: i64,
) -> Result<Vec<&AllergenReaction>, SessionError> {
    session.children::<PatientCondition, ReactionByCondition>(patient_condition_id)
}
