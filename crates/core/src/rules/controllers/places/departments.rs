//! Departments: their code and name, which never change once they are known.

use emap_interchange::DepartmentMetadata;
use emap_star::{
    MessageScope,
    rows::{Department, DepartmentId},
};

use super::agreed::agreed_name;
use crate::{
    failure::{Failure, required},
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
        hl7string: agreed_name(known.hl7string.clone(), hl7, "the department has another HL7 code")?,
        name: agreed_name(known.name.clone(), name, "the department has another name")?,
        ..known
    };
    if described != known {
        rows.put(described)?;
    }
    Ok(department_id)
}
