//! Infections. Live messages do not number them; the nightly extract does and takes their place.

use emap_interchange::{Condition, InterchangeValue};
use emap_star::{Instant, Session, rows::PatientCondition};

use super::{Subject, assign_common, open};
use crate::{
    assign::Assign,
    controllers::condition_types::INFECTION,
    outcome::ProcessingError,
    repositories::{condition_types, patient_conditions},
    source::Source,
};

/// Name of the extract as a source system.
const EXTRACT: &str = "clarity";

/// Notes the infection. What is done with it is told by its status alone.
pub(crate) fn update(
    session: &mut Session,
    subject: Subject,
    message: &Condition,
    resolved: &InterchangeValue<Instant>,
    source: Source<'_>,
) -> Result<(), ProcessingError> {
    let number = number(message, source)?;
    if message.epic_condition_id.is_save() {
        delete_unnumbered(session, subject)?;
    }
    let Subject { mrn_id, condition_type_id, message_time, .. } = subject;
    let known = match number {
        Some(number) => patient_conditions::by_number(session, condition_type_id, number)?,
        None => patient_conditions::of_patient_by_added_time(
            session,
            mrn_id,
            condition_type_id,
            message.added_date_time,
        )?,
    };
    let known = known.cloned();
    let mut infection = open(session, subject, known, number)?;
    if infection.message_should_update(message_time) {
        resolved.assign_to(&mut infection.resolution_datetime);
        infection.added_datetime = message.added_date_time;
        assign_common(&mut infection, subject, message);
    }
    session.save(infection)?;
    Ok(())
}

/// The number by which the extract's infections are told apart; none for live ones, which go by patient, kind and time.
fn number(message: &Condition, source: Source<'_>) -> Result<Option<i64>, ProcessingError> {
    if source.is_trusted()? {
        return Ok(None);
    }
    if source.system()? != EXTRACT {
        return Err(ProcessingError::RequiredDataMissing("a known source of infections"));
    }
    match message.epic_condition_id.get() {
        Some(number) => Ok(Some(*number)),
        None => Err(ProcessingError::RequiredDataMissing("epicConditionId of the infection")),
    }
}

/// The extract knows all infections of the patient up to its time: what live messages said before is superseded.
fn delete_unnumbered(session: &mut Session, subject: Subject) -> Result<(), ProcessingError> {
    let candidates: Vec<(i64, i64)> = patient_conditions::of_patient(session, subject.mrn_id)?
        .into_iter()
        .filter(|row| row.internal_id.is_none() && row.valid_from <= subject.message_time)
        .map(|row| (row.patient_condition_id, row.condition_type_id))
        .collect();
    for (condition, kind) in candidates {
        if condition_types::by_id(session, kind)?.data_type == INFECTION {
            session.delete_with_dependents::<PatientCondition>(&[condition], subject.message_time)?;
        }
    }
    Ok(())
}
