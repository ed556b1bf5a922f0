//! Problems, infections and allergies of patients: what all kinds have in common.

use emap_interchange::Condition;
use emap_star::{
    RowState,
    rows::{ConditionTypeId, ConditionVisit, HospitalVisitId, MrnId, PatientCondition, PatientConditionId},
};

use crate::{
    assign::Assign,
    failure::{Failure, required},
    rules::repositories::conditions,
    scope::Scope,
};

/// Who has what.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "named as the columns they go into")]
pub(crate) struct Diagnosis {
    /// The patient's identifier in force.
    pub(crate) mrn_id: MrnId,
    /// The visit, if the message names one.
    pub(crate) hospital_visit_id: Option<HospitalVisitId>,
    /// What the patient has.
    pub(crate) condition_type_id: ConditionTypeId,
}

/// Opens a condition as it is known, or else as a new one with this number in the source system.
pub(super) fn open(
    scope: &mut Scope<'_, '_>,
    diagnosis: Diagnosis,
    known: Option<PatientCondition>,
    internal_id: Option<i64>,
) -> Result<RowState<PatientCondition>, Failure> {
    let condition = scope.open(known, |id| PatientCondition {
        internal_id,
        is_deleted: Some(false),
        ..PatientCondition::new(id, diagnosis.condition_type_id, diagnosis.mrn_id)
    })?;
    Ok(condition)
}

/// The columns that all three kinds have. Each message that counts states the condition anew: it holds from then on,
/// even if it reads as before.
pub(super) fn assign_common(
    condition: &mut RowState<PatientCondition>,
    diagnosis: Diagnosis,
    message: &Condition,
) {
    condition.confirm();
    condition.hospital_visit_id = diagnosis.hospital_visit_id;
    message.epic_condition_id.assign_to(&mut condition.internal_id);
    message.status.assign_to(&mut condition.status);
    message.comment.assign_to(&mut condition.comment);
    message.onset_date.assign_to(&mut condition.onset_date);
    message.severity.assign_to(&mut condition.severity);
}

/// Notes that the condition was mentioned during the visit, also by messages that are too old to change it.
pub(super) fn link_visit(
    scope: &mut Scope<'_, '_>,
    patient_condition_id: PatientConditionId,
    diagnosis: Diagnosis,
) -> Result<(), Failure> {
    let Some(hospital_visit_id) = diagnosis.hospital_visit_id else { return Ok(()) };
    if !conditions::is_linked(scope.rows, patient_condition_id, hospital_visit_id)? {
        let condition_visits_id = scope.rows.next_id()?;
        scope.rows.put(ConditionVisit::new(condition_visits_id, hospital_visit_id, patient_condition_id))?;
    }
    Ok(())
}

/// The number that distinguishes allergies and problems; a deleted number is "none".
pub(super) fn number(message: &Condition) -> Result<Option<i64>, Failure> {
    if message.epic_condition_id.is_unknown() {
        return required(None, "epicConditionId").map_err(Failure::undoing_the_message);
    }
    Ok(message.epic_condition_id.get().copied())
}
