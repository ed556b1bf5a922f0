//! Departments: their code and name, which never change once they are known, and the periods of their status and
//! speciality.

use emap_interchange::DepartmentMetadata;
use emap_star::{
    MessageScope,
    rows::{Department, DepartmentId, DepartmentState},
};

use super::period::{Period, latest};
use crate::{
    failure::{Cause, Failure, required},
    rules::repositories::places,
};

/// The primary key of the department with a number; a new one has no name yet.
pub(crate) fn get_or_create(
    rows: &mut MessageScope<'_>,
    number: Option<i64>,
) -> Result<DepartmentId, Failure> {
    let number = required(number, "departmentId")?;
    if let Some(known) = places::department_by_number(rows, number)? {
        return Ok(known.department_id);
    }
    let department_id = rows.next_id()?;
    rows.put(Department::new(department_id, number))?;
    Ok(department_id)
}

/// What a department is called. Gives its primary key.
pub(crate) fn describe(
    rows: &mut MessageScope<'_>,
    message: &DepartmentMetadata,
) -> Result<DepartmentId, Failure> {
    let department_id = get_or_create(rows, message.department_id)?;
    let known = places::department(rows, department_id)?.clone();
    let (hl7, name) = (message.department_hl7.as_ref(), message.department_name.as_ref());
    let described = Department {
        hl7string: same(known.hl7string.as_ref(), hl7, "the department has another HL7 code")?,
        name: same(known.name.as_ref(), name, "the department has another name")?,
        ..known.clone()
    };
    if described != known {
        rows.put(described)?;
    }
    Ok(department_id)
}

fn same(
    known: Option<&String>,
    said: Option<&String>,
    contradiction: &'static str,
) -> Result<Option<String>, Failure> {
    if known.is_some() && known != said {
        return Err(Cause::IncompatibleState(contradiction).into());
    }
    Ok(said.cloned())
}

/// Sorts a state in among the periods that are known.
pub(crate) fn note_state(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
    message: &DepartmentMetadata,
) -> Result<(), Failure> {
    let mut new = state(rows, department_id, message)?;
    let states = places::department_states(rows, department_id)?;
    if states.iter().any(|known| known.valid_from == new.valid_from && known.speciality == new.speciality) {
        return Ok(());
    }
    let before = latest(states.iter().copied().filter(|known| known.valid_from < new.valid_from));
    let after = states.into_iter().filter(|known| known.valid_from > new.valid_from);
    let after = after.min_by_key(|known| (known.valid_from, known.department_state_id)).cloned();
    match (before, &message.previous_department_speciality) {
        (Some(before), _) if is_same(&before, &new) => {
            // Said of a time before the next change, it is a period of its own all the same.
            if after.as_ref().is_none_or(|after| is_same(after, &new)) {
                return Ok(());
            }
        }
        (Some(before), previous) => follow(rows, before, previous.as_ref(), &new)?,
        (None, Some(previous)) => {
            let former = former(rows, previous, message, &new)?;
            rows.put(former)?;
        }
        (None, None) => {}
    }
    match after {
        // What was known of a later time began earlier.
        Some(after) if is_same(&after, &new) => {
            rows.put(DepartmentState { valid_from: new.valid_from, ..after })?;
            return Ok(());
        }
        Some(after) => new.end(after.valid_from, rows.stored_from()),
        None => {}
    }
    rows.put(new)?;
    Ok(())
}

/// The open period that a message reports.
fn state(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
    message: &DepartmentMetadata,
) -> Result<DepartmentState, Failure> {
    let status = required(message.department_record_status, "departmentRecordStatus")
        .map_err(Failure::undoing_the_message)?;
    let valid_from = required(
        message.speciality_update.or(message.department_contact_date),
        "specialityUpdate or departmentContactDate",
    )?;
    Ok(DepartmentState {
        speciality: message.department_speciality.clone(),
        status: Some(status.display_text().to_owned()),
        ..DepartmentState::new(rows.next_id()?, rows.stored_from(), valid_from, department_id)
    })
}

fn is_same(known: &DepartmentState, new: &DepartmentState) -> bool {
    known.status == new.status && known.speciality == new.speciality
}

/// The period that is known ends where the new one begins.
fn follow(
    rows: &mut MessageScope<'_>,
    mut before: DepartmentState,
    previous: Option<&String>,
    new: &DepartmentState,
) -> Result<(), Failure> {
    if previous.is_some() && previous != before.speciality.as_ref() {
        return Err(Cause::IncompatibleState("the department had another speciality before").into());
    }
    before.end(new.valid_from, rows.stored_from());
    rows.put(before)?;
    Ok(())
}

/// The period before the new one, which no message reported while it lasted.
fn former(
    rows: &mut MessageScope<'_>,
    speciality: &str,
    message: &DepartmentMetadata,
    new: &DepartmentState,
) -> Result<DepartmentState, Failure> {
    let valid_from = required(message.department_contact_date, "departmentContactDate")?;
    let mut former = DepartmentState {
        department_state_id: rows.next_id()?,
        valid_from,
        speciality: Some(speciality.to_owned()),
        ..new.clone()
    };
    former.end(new.valid_from, rows.stored_from());
    Ok(former)
}
