//! Infections. Live messages do not number them; the nightly extract does and takes their place.

use emap_interchange::{Condition, InterchangeValue};
use emap_star::{
    Instant, RowState,
    rows::{ConditionTypeId, PatientCondition, PatientConditionId},
};

use super::condition::{Diagnosis, assign_common, open};
use crate::{
    assign::Assign,
    failure::{Cause, Failure, required},
    rules::repositories::conditions,
    scope::Scope,
};

/// Name of the extract as a source system.
const EXTRACT: &str = "clarity";

/// Notes the infection. Its status alone says what is done with it.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    diagnosis: Diagnosis,
    message: &Condition,
    resolved: &InterchangeValue<Instant>,
) -> Result<(), Failure> {
    let number = number(scope, message)?;
    if message.epic_condition_id.is_save() {
        delete_unnumbered(scope, diagnosis)?;
    }
    let Diagnosis { mrn_id, condition_type_id, .. } = diagnosis;
    let known = match number {
        Some(number) => conditions::by_number(scope.rows, condition_type_id, number)?,
        None => conditions::of_patient_by_added_time(
            scope.rows,
            mrn_id,
            condition_type_id,
            message.added_date_time,
        )?,
    };
    let known = known.cloned();
    let mut infection = open(scope, diagnosis, known, number)?;
    if infection.message_should_update(scope.message_time) {
        resolved.assign_to(&mut infection.resolution_datetime);
        infection.added_datetime = message.added_date_time;
        assign_common(&mut infection, diagnosis, message);
    }
    let (infection_id, is_numbered) = (infection.patient_condition_id, infection.internal_id.is_some());
    scope.rows.save(infection)?;
    if is_numbered { take_over_live_reports(scope, infection_id) } else { Ok(()) }
}

/// The number that distinguishes the extract's infections; none for live ones, which go by patient, kind and time.
fn number(scope: &Scope<'_, '_>, message: &Condition) -> Result<Option<i64>, Failure> {
    if scope.source.is_trusted()? {
        return Ok(None);
    }
    if scope.source.system()? != EXTRACT {
        return Err(Cause::RequiredDataMissing("a known source of infections").into());
    }
    required(message.epic_condition_id.get().copied(), "epicConditionId of the infection").map(Some)
}

/// The extract knows all infections of the patient up to its time: what live messages said before is superseded.
fn delete_unnumbered(scope: &mut Scope<'_, '_>, diagnosis: Diagnosis) -> Result<(), Failure> {
    let candidates: Vec<(PatientConditionId, ConditionTypeId)> =
        conditions::of_patient(scope.rows, diagnosis.mrn_id)?
            .into_iter()
            .filter(|row| row.internal_id.is_none() && row.valid_from <= scope.message_time)
            .map(|row| (row.patient_condition_id, row.condition_type_id))
            .collect();
    for (condition, kind) in candidates {
        if conditions::is_infection(scope.rows, kind)? {
            scope.rows.delete_with_dependents::<PatientCondition>(&[condition], scope.message_time)?;
        }
    }
    Ok(())
}

/// What live messages reported of an infection, before its number became known, belongs to the row with the number.
fn take_over_live_reports(
    scope: &mut Scope<'_, '_>,
    infection_id: PatientConditionId,
) -> Result<(), Failure> {
    let infection = conditions::by_id(scope.rows, infection_id)?.clone();
    for report in conditions::live_reports_of(scope.rows, &infection)? {
        let until = report.valid_from.max(scope.message_time);
        scope.rows.delete_with_dependents::<PatientCondition>(&[report.patient_condition_id], until)?;
        let infection = conditions::by_id(scope.rows, infection_id)?.clone();
        if report.valid_from >= infection.valid_from {
            let infection = as_reported(infection, report);
            scope.rows.save(infection)?;
        }
    }
    Ok(())
}

/// The infection as it is after a newer report, as if that came only now. What the report leaves open stays.
fn as_reported(infection: PatientCondition, report: PatientCondition) -> RowState<PatientCondition> {
    let mut infection = RowState::existing(infection, report.valid_from);
    infection.confirm();
    infection.hospital_visit_id = report.hospital_visit_id;
    infection.resolution_datetime = report.resolution_datetime.or(infection.resolution_datetime);
    infection.onset_date = report.onset_date.or(infection.onset_date);
    infection.status = report.status.or(infection.status.take());
    infection.comment = report.comment.or(infection.comment.take());
    infection.severity = report.severity.or(infection.severity.take());
    infection
}
