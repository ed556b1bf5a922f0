//! Problems, infections and allergies of patients.

use emap_star::{
    Instant, Session, SessionError,
    rows::{ConditionByMrn, ConditionByNumber, Mrn, PatientCondition},
};

use super::only::only;

/// All conditions of a patient.
pub(crate) fn of_patient(session: &mut Session, mrn_id: i64) -> Result<Vec<&PatientCondition>, SessionError> {
    session.children::<Mrn, ConditionByMrn>(mrn_id)
}

/// A patient's condition of a kind with a number in the source system; "no number" finds what has none.
pub(crate) fn of_patient_by_number(
    session: &mut Session,
    mrn_id: i64,
    type_id: i64,
    number: Option<i64>,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = of_patient(session, mrn_id)?.into_iter();
    only(rows.filter(|row| row.condition_type_id == type_id && row.internal_id == number))
}

/// A patient's condition of a kind that was entered at a time; "no time" finds what has none.
pub(crate) fn of_patient_by_added_time(
    session: &mut Session,
    mrn_id: i64,
    type_id: i64,
    added: Option<Instant>,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = of_patient(session, mrn_id)?.into_iter();
    only(rows.filter(|row| row.condition_type_id == type_id && row.added_datetime == added))
}

/// The condition of a kind with a number in the source system, whoever has it.
pub(crate) fn by_number(
    session: &mut Session,
    type_id: i64,
    number: i64,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = session.find::<ConditionByNumber>(&number)?.into_iter();
    only(rows.filter(|row| row.condition_type_id == type_id))
}
