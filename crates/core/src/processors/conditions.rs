//! Allergies, infections and problems.

use emap_interchange::{Condition, ConditionKind};
use emap_star::Session;

use super::patient::patient;
use crate::{
    controllers::{
        condition_types,
        conditions::{Subject, allergy, infection, problem},
        hospital_visit,
    },
    outcome::ProcessingError,
    source::Source,
};

/// Patient, visit if one is named, kind of condition, then the patient's condition.
pub(crate) fn process(
    session: &mut Session,
    source: Source<'_>,
    message: &Condition,
) -> Result<(), ProcessingError> {
    let message_time =
        message.updated_date_time.ok_or(ProcessingError::Invalid("the condition has no updatedDateTime"))?;
    let mrn_id = patient(session, source, message.mrn.as_deref(), message_time)?;
    let hospital_visit_id = match message.visit_number.saved() {
        Some(number) => {
            Some(hospital_visit::get_or_create(session, Some(number), mrn_id, source, message_time)?)
        }
        None => None,
    };
    let condition_type_id = condition_types::get_or_create(session, message, message_time)?;
    let subject = Subject { mrn_id, hospital_visit_id, condition_type_id, message_time };
    match &message.kind {
        ConditionKind::PatientAllergy { reactions } => allergy::update(session, subject, message, reactions),
        ConditionKind::PatientProblem { added_date, resolved_date } => {
            problem::update(session, subject, message, *added_date, *resolved_date, source)
        }
        ConditionKind::PatientInfection { resolved_date_time } => {
            infection::update(session, subject, message, resolved_date_time, source)
        }
    }
}
