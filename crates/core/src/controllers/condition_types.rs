//! Kinds of problems, infections and allergens, which messages about patients mention and name.

use emap_interchange::{Condition, ConditionKind};
use emap_star::{Instant, Session, rows::ConditionType};

use super::opened::opened;
use crate::{assign::assign_if_null_or_newer, outcome::ProcessingError, repositories::condition_types};

/// How `condition_type.data_type` calls infections.
pub(crate) const INFECTION: &str = "PATIENT_INFECTION";

/// The kind's primary key, got or created. Any message names an unnamed kind, only a newer one renames it; both
/// whether or not the message is too old for the patient's condition.
pub(crate) fn get_or_create(
    session: &mut Session,
    message: &Condition,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    let data_type = data_type(&message.kind);
    let code = message
        .condition_code
        .as_deref()
        .filter(|code| !code.is_empty())
        .ok_or(ProcessingError::RequiredDataMissing("condition code"))?;
    let known = condition_types::by_code(session, data_type, code)?.cloned();
    let mut kind = opened(session, known, message_time, |id, stored_from| ConditionType {
        condition_type_id: id,
        stored_from,
        valid_from: message_time,
        data_type: data_type.to_owned(),
        internal_code: Some(code.to_owned()),
        name: None,
        standardised_code: None,
        standardised_vocabulary: None,
        sub_type: None,
    })?;
    let newer = kind.message_is_newer(message_time);
    assign_if_null_or_newer(&message.condition_name, &mut kind.name, newer);
    assign_if_null_or_newer(&message.sub_type, &mut kind.sub_type, newer);
    let condition_type_id = kind.condition_type_id;
    session.save(kind)?;
    Ok(condition_type_id)
}

/// How `condition_type.data_type` calls the family of a message.
pub(crate) fn data_type(kind: &ConditionKind) -> &'static str {
    match kind {
        ConditionKind::PatientProblem { .. } => "PROBLEM_LIST",
        ConditionKind::PatientInfection { .. } => INFECTION,
        ConditionKind::PatientAllergy { .. } => "PATIENT_ALLERGY",
    }
}
