//! Problems, infections and allergies of patients, and the kinds of these.

use emap_interchange::{Condition, ConditionKind};
use emap_star::{
    Instant, SessionError, UnitOfWork,
    rows::{
        AllergenReaction, ConditionByMrn, ConditionByNumber, ConditionType, ConditionTypeByCode,
        ConditionTypeCode, ConditionTypeId, ConditionVisitByCondition, HospitalVisitId, Mrn, MrnId,
        PatientCondition, PatientConditionId, ReactionByCondition,
    },
};

use super::{at_most_one::latest, identity, in_memory::ids_under};
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
    work: &'s mut UnitOfWork,
    key: &ConditionTypeCode,
) -> Result<Option<&'s ConditionType>, SessionError> {
    work.find_one::<ConditionTypeByCode>(key)
}

/// A condition of this kind is an infection.
pub(crate) fn is_infection(
    work: &mut UnitOfWork,
    condition_type_id: ConditionTypeId,
) -> Result<bool, SessionError> {
    Ok(work.get::<ConditionType>(condition_type_id)?.data_type == INFECTION)
}

/// All conditions of a patient.
pub(crate) fn of_patient(
    work: &mut UnitOfWork,
    mrn_id: MrnId,
) -> Result<Vec<&PatientCondition>, SessionError> {
    work.children::<Mrn, ConditionByMrn>(mrn_id)
}

/// A patient's condition of a kind with a number in the source system; "no number" finds what has none.
pub(crate) fn of_patient_by_number(
    work: &mut UnitOfWork,
    mrn_id: MrnId,
    kind: ConditionTypeId,
    number: Option<i64>,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = of_patient(work, mrn_id)?.into_iter();
    let rows = rows.filter(|row| row.condition_type_id == kind && row.internal_id == number);
    Ok(latest(rows, |row| row.valid_from))
}

/// A patient's condition of a kind that was entered at a time; "no time" finds what has none.
pub(crate) fn of_patient_by_added_time(
    work: &mut UnitOfWork,
    mrn_id: MrnId,
    kind: ConditionTypeId,
    added: Option<Instant>,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = of_patient(work, mrn_id)?.into_iter();
    let rows = rows.filter(|row| row.condition_type_id == kind && row.added_datetime == added);
    Ok(latest(rows, |row| row.valid_from))
}

/// Rows without a number about the same infection, the oldest first: of the same patient, kind and time of entry.
pub(crate) fn live_reports_of(
    work: &mut UnitOfWork,
    infection: &PatientCondition,
) -> Result<Vec<PatientCondition>, SessionError> {
    let is_report = |row: &&PatientCondition| {
        row.internal_id.is_none()
            && (row.condition_type_id, row.added_datetime)
                == (infection.condition_type_id, infection.added_datetime)
    };
    let rows = of_patient(work, infection.mrn_id)?.into_iter();
    let mut reports: Vec<_> = rows.filter(is_report).cloned().collect();
    reports.sort_by_key(|row| (row.valid_from, row.patient_condition_id));
    Ok(reports)
}

/// The condition with this primary key.
pub(crate) fn by_id(
    work: &mut UnitOfWork,
    patient_condition_id: PatientConditionId,
) -> Result<&PatientCondition, SessionError> {
    work.get::<PatientCondition>(patient_condition_id)
}

/// The condition of a kind with a number in the source system, whoever has it.
pub(crate) fn by_number(
    work: &mut UnitOfWork,
    kind: ConditionTypeId,
    number: i64,
) -> Result<Option<&PatientCondition>, SessionError> {
    let rows = work.find::<ConditionByNumber>(&number)?.into_iter();
    Ok(latest(rows.filter(|row| row.condition_type_id == kind), |row| row.valid_from))
}

/// The condition was mentioned during the visit.
pub(crate) fn is_linked(
    work: &mut UnitOfWork,
    patient_condition_id: PatientConditionId,
    hospital_visit_id: HospitalVisitId,
) -> Result<bool, SessionError> {
    let rows = work.children::<PatientCondition, ConditionVisitByCondition>(patient_condition_id)?;
    Ok(rows.iter().any(|row| row.hospital_visit_id == hospital_visit_id))
}

/// All reactions of an allergy.
pub(crate) fn reactions(
    work: &mut UnitOfWork,
    patient_condition_id: PatientConditionId,
) -> Result<Vec<&AllergenReaction>, SessionError> {
    work.children::<PatientCondition, ReactionByCondition>(patient_condition_id)
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
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<ConditionTypeByCode>(self.kinds.iter().cloned())?;
        work.prefetch::<ConditionByNumber>(self.infections.iter().copied())?;
        identity::read_leads(work, self.patients(work))?;
        let mut patients = Vec::new();
        for mrn in &self.mrns {
            patients.extend(identity::live_in_memory(work, mrn));
        }
        work.prefetch::<ConditionByMrn>(patients.iter().copied())?;
        let conditions = ids_under::<ConditionByMrn>(work, &patients);
        work.prefetch::<ConditionVisitByCondition>(conditions.iter().copied())?;
        work.prefetch::<ReactionByCondition>(conditions)?;
        // Which of those without a number are infections.
        let rows = patients.iter().flat_map(|mrn_id| work.in_memory_rows::<ConditionByMrn>(mrn_id));
        let unnumbered: Vec<_> =
            rows.filter(|row| row.internal_id.is_none()).map(|row| row.condition_type_id).collect();
        work.prefetch_ids::<ConditionType>(unnumbered)
    }

    /// Patients who have the infections with these numbers on record. Messages may name others.
    pub(crate) fn patients(&self, work: &UnitOfWork) -> Vec<MrnId> {
        let known =
            self.infections.iter().flat_map(|number| work.in_memory_rows::<ConditionByNumber>(number));
        known.map(|row| row.mrn_id).collect()
    }
}
