//! Problems, infections and allergies of patients, and the kinds of these.

use emap_interchange::{Condition, ConditionKind};
use emap_star::{
    Instant, Session, SessionError,
    rows::{
        AllergenReaction, ConditionByMrn, ConditionByNumber, ConditionType, ConditionTypeByCode,
        ConditionTypeCode, ConditionVisitByCondition, Mrn, PatientCondition, ReactionByCondition,
    },
};

use super::{at_most_one::at_most_one, identity, in_memory::ids_under};
use crate::failure::{Failure, required_text};

/// How `condition_type.data_type` calls infections.
const INFECTION: &str = "PATIENT_INFECTION";

/// The kind of condition that a message names: its code in its family (`PROBLEM_LIST`, `PATIENT_INFECTION`,
/// `PATIENT_ALLERGY`).
pub(crate) fn kind_key(message: &Condition) -> Result<ConditionTypeCode, Failure> {
    let data_type = match &message.kind {
        ConditionKind::PatientProblem { .. } => "PROBLEM_LIST",
        ConditionKind::PatientInfection { .. } => INFECTION,
        ConditionKind::PatientAllergy { .. } => "PATIENT_ALLERGY",
    };
    let code = required_text(message.condition_code.as_deref(), "condition code")?;
    Ok(ConditionTypeCode { data_type: data_type.to_owned(), internal_code: code.to_owned() })
}

/// The kind with a code in a family.
pub(crate) fn kind_by_key<'s>(
    session: &'s mut Session,
    key: &ConditionTypeCode,
) -> Result<Option<&'s ConditionType>, SessionError> {
    session.find_one::<ConditionTypeByCode>(key)
}

/// A condition of this kind is an infection.
pub(crate) fn is_infection(session: &mut Session, condition_type_id: i64) -> Result<bool, SessionError> {
    Ok(session.get::<ConditionType>(condition_type_id)?.data_type == INFECTION)
}

/// All conditions of a patient.
pub(crate) fn of_patient(session: &mut Session, mrn_id: i64) -> Result<Vec<&PatientCondition>, SessionError> {
    session.children::<Mrn, ConditionByMrn>(mrn_id)
}

/// A patient's condition of a kind with a number in the source system; "no number" finds what has none.
pub(crate) fn of_patient_by_number(
    session: &mut Session,
    mrn_id: i64,
    kind: i64,
    number: Option<i64>,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = of_patient(session, mrn_id)?.into_iter();
    at_most_one(rows.filter(|row| row.condition_type_id == kind && row.internal_id == number))
}

/// A patient's condition of a kind that was entered at a time; "no time" finds what has none.
pub(crate) fn of_patient_by_added_time(
    session: &mut Session,
    mrn_id: i64,
    kind: i64,
    added: Option<Instant>,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = of_patient(session, mrn_id)?.into_iter();
    at_most_one(rows.filter(|row| row.condition_type_id == kind && row.added_datetime == added))
}

/// The condition of a kind with a number in the source system, whoever has it.
pub(crate) fn by_number(
    session: &mut Session,
    kind: i64,
    number: i64,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = session.find::<ConditionByNumber>(&number)?.into_iter();
    at_most_one(rows.filter(|row| row.condition_type_id == kind))
}

/// The condition was mentioned during the visit.
pub(crate) fn is_linked(
    session: &mut Session,
    patient_condition_id: i64,
    hospital_visit_id: i64,
) -> Result<bool, SessionError> {
    let rows = session.children::<PatientCondition, ConditionVisitByCondition>(patient_condition_id)?;
    Ok(rows.iter().any(|row| row.hospital_visit_id == hospital_visit_id))
}

/// All reactions of an allergy.
pub(crate) fn reactions(
    session: &mut Session,
    patient_condition_id: i64,
) -> Result<Vec<&AllergenReaction>, SessionError> {
    session.children::<PatientCondition, ReactionByCondition>(patient_condition_id)
}

/// Patients whose conditions are asked for, and what these are.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    mrns: Vec<String>,
    kinds: Vec<ConditionTypeCode>,
    /// Infections that are looked up by number, whoever has them.
    infections: Vec<i64>,
}

impl Announced {
    pub(crate) fn add(&mut self, message: &Condition) {
        self.mrns.extend(message.mrn.clone());
        self.kinds.extend(kind_key(message));
        if matches!(message.kind, ConditionKind::PatientInfection { .. }) {
            self.infections.extend(message.epic_condition_id.get());
        }
    }

    /// The kinds, all conditions of the patients, who are known already, and what belongs to these.
    pub(crate) fn read(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<ConditionTypeByCode>(self.kinds.iter().cloned())?;
        session.prefetch::<ConditionByNumber>(self.infections.iter().copied())?;
        let mut patients = Vec::new();
        for mrn in &self.mrns {
            patients.extend(identity::live_in_memory(session, mrn));
        }
        session.prefetch::<ConditionByMrn>(patients.iter().copied())?;
        let conditions = ids_under::<ConditionByMrn>(session, &patients);
        session.prefetch::<ConditionVisitByCondition>(conditions.iter().copied())?;
        session.prefetch::<ReactionByCondition>(conditions)?;
        // Which of those without a number are infections.
        let rows = patients.iter().flat_map(|mrn_id| session.in_memory_rows::<ConditionByMrn>(mrn_id));
        let unnumbered: Vec<_> =
            rows.filter(|row| row.internal_id.is_none()).map(|row| row.condition_type_id).collect();
        session.prefetch_ids::<ConditionType>(unnumbered)
    }
}
