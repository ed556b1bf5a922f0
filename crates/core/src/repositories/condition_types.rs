//! Kinds of problems, infections and allergens.

use emap_star::{
    Session, SessionError,
    rows::{ConditionType, ConditionTypeByCode, ConditionTypeCode},
};

/// The kind with a code in a family (`PROBLEM_LIST`, `PATIENT_INFECTION`, `PATIENT_ALLERGY`).
pub(crate) fn by_code<'s>(
    session: &'s mut Session,
    data_type: &str,
    code: &str,
) -> Result<Option<&'s ConditionType>, SessionError> {
    let key = ConditionTypeCode { data_type: data_type.to_owned(), internal_code: code.to_owned() };
    session.find_one::<ConditionTypeByCode>(&key)
}

/// The kind with this primary key.
pub(crate) fn by_id(session: &mut Session, id: i64) -> Result<&ConditionType, SessionError> {
    session.get::<ConditionType>(id)
}
