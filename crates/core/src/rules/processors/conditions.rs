//! Allergies, infections and problems.

use emap_interchange::{Condition, ConditionKind};

use super::patient::{patient, visit_if_named};
use crate::{
    failure::{Failure, required},
    rules::controllers::conditions::{Diagnosis, allergies, infections, kinds, problems},
    scope::Context,
};

/// Patient, visit if one is named, kind of condition, then the patient's condition.
pub(crate) fn process(context: Context<'_, '_>, message: &Condition) -> Result<(), Failure> {
    let message_time = required(message.updated_date_time, "updatedDateTime");
    let mut scope = context.at(message_time.map_err(Failure::undoing_the_message)?);
    let mrn_id = patient(&mut scope, message.mrn.as_deref())?;
    let visit_number = message.visit_number.saved().map(String::as_str);
    let hospital_visit_id = visit_if_named(&mut scope, mrn_id, visit_number)?;
    let condition_type_id = kinds::get_or_create(&mut scope, message)?;
    let diagnosis = Diagnosis { mrn_id, hospital_visit_id, condition_type_id };
    match &message.kind {
        ConditionKind::PatientAllergy { reactions } => {
            allergies::update(&mut scope, diagnosis, message, reactions)
        }
        ConditionKind::PatientProblem { added_date, resolved_date } => {
            problems::update(&mut scope, diagnosis, message, *added_date, *resolved_date)
        }
        ConditionKind::PatientInfection { resolved_date_time } => {
            infections::update(&mut scope, diagnosis, message, resolved_date_time)
        }
    }
}
