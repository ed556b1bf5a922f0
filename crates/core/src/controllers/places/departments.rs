//! Departments: their code and name, which never change once they are known, and the periods of their status and
//! speciality.

use emap_interchange::DepartmentMetadata;
use emap_star::{
    Session,
    rows::{Department, DepartmentState},
};

use super::period::{Period, latest};
use crate::{outcome::ProcessingError, repositories::departments};

/// The department that a place belongs to, got or created without a name.
pub(crate) fn mentioned(session: &mut Session, number: Option<i64>) -> Result<i64, ProcessingError> {
    let number = number.ok_or(ProcessingError::Invalid("the department has no departmentId"))?;
    if let Some(known) = departments::by_number(session, number)? {
        return Ok(known.department_id);
    }
    let department_id = session.next_id()?;
    session.put(Department { department_id, hl7string: None, internal_id: number, name: None })?;
    Ok(department_id)
}

/// What a department is called. Gives its primary key.
pub(crate) fn describe(session: &mut Session, message: &DepartmentMetadata) -> Result<i64, ProcessingError> {
    let department_id = mentioned(session, message.department_id)?;
    let known = departments::by_id(session, department_id)?.clone();
    let (hl7, name) = (message.department_hl7.as_ref(), message.department_name.as_ref());
    let described = Department {
        hl7string: same(known.hl7string.as_ref(), hl7, "the department has another HL7 code")?,
        name: same(known.name.as_ref(), name, "the department has another name")?,
        ..known.clone()
    };
    if described != known {
        session.put(described)?;
    }
    Ok(department_id)
}

fn same(
    known: Option<&String>,
    said: Option<&String>,
    contradiction: &'static str,
) -> Result<Option<String>, ProcessingError> {
    if known.is_some() && known != said {
        return Err(ProcessingError::IncompatibleState(contradiction));
    }
    Ok(said.cloned())
}

/// Sorts a state in among the periods that are known.
pub(crate) fn note_state(
    session: &mut Session,
    department_id: i64,
    message: &DepartmentMetadata,
) -> Result<(), ProcessingError> {
    let mut new = state(session, department_id, message)?;
    let states = departments::states(session, department_id)?;
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
        (Some(before), previous) => follow(session, before, previous.as_ref(), &new)?,
        (None, Some(previous)) => {
            let former = former(session, previous, message, &new)?;
            session.put(former)?;
        }
        (None, None) => {}
    }
    match after {
        // What was known of a later time began earlier.
        Some(after) if is_same(&after, &new) => {
            session.put(DepartmentState { valid_from: new.valid_from, ..after })?;
            return Ok(());
        }
        Some(after) => new.end(after.valid_from, session.stored_from()),
        None => {}
    }
    new.department_state_id = session.next_id()?;
    session.put(new)?;
    Ok(())
}

/// The open period that a message tells of, without a primary key.
fn state(
    session: &Session,
    department_id: i64,
    message: &DepartmentMetadata,
) -> Result<DepartmentState, ProcessingError> {
    let status = message
        .department_record_status
        .ok_or(ProcessingError::Invalid("the department has no departmentRecordStatus"))?;
    let valid_from = message.speciality_update.or(message.department_contact_date).ok_or(
        ProcessingError::Invalid("the department has neither specialityUpdate nor departmentContactDate"),
    )?;
    Ok(DepartmentState {
        department_state_id: 0,
        stored_from: session.stored_from(),
        valid_from,
        stored_until: None,
        valid_until: None,
        speciality: message.department_speciality.clone(),
        status: Some(status.display_text().to_owned()),
        department_id,
    })
}

fn is_same(known: &DepartmentState, new: &DepartmentState) -> bool {
    known.status == new.status && known.speciality == new.speciality
}

/// The period that is known ends where the new one begins.
fn follow(
    session: &mut Session,
    mut before: DepartmentState,
    previous: Option<&String>,
    new: &DepartmentState,
) -> Result<(), ProcessingError> {
    if previous.is_some() && previous != before.speciality.as_ref() {
        return Err(ProcessingError::IncompatibleState("the department had another speciality before"));
    }
    before.end(new.valid_from, session.stored_from());
    session.put(before)?;
    Ok(())
}

/// The period before the new one, which nobody told of while it lasted.
fn former(
    session: &mut Session,
    speciality: &str,
    message: &DepartmentMetadata,
    new: &DepartmentState,
) -> Result<DepartmentState, ProcessingError> {
    let valid_from = message
        .department_contact_date
        .ok_or(ProcessingError::Invalid("the department has no departmentContactDate"))?;
    let mut former = DepartmentState {
        department_state_id: session.next_id()?,
        valid_from,
        speciality: Some(speciality.to_owned()),
        ..new.clone()
    };
    former.end(new.valid_from, session.stored_from());
    Ok(former)
}
