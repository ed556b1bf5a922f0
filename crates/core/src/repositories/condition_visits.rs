//! Visits during which conditions were mentioned.

use emap_star::{
    Session, SessionError,
    rows::{ConditionVisitByCondition, PatientCondition},
};

/// The condition was mentioned during the visit.
pub(crate) fn is_known(
    session: &mut Session,
    patient_condition_id: i64,
    hospital_visit_id: i64,
) -> Result<bool, SessionError> {
    let rows = session.children::<PatientCondition, ConditionVisitByCondition>(patient_condition_id)?;
    Ok(rows.iter().any(|row| row.hospital_visit_id == hospital_visit_id))
}
