//! Departments and their states.

use emap_star::{
    Session, SessionError,
    rows::{Department, DepartmentByNumber, DepartmentState, DepartmentStateByDepartment},
};

/// The department with a number in the source system.
pub(crate) fn by_number(session: &mut Session, number: i64) -> Result<Option<&Department>, SessionError> {
    // Stores that other software filled may hold a number twice; the oldest row counts.
    Ok(session.find::<DepartmentByNumber>(&number)?.first().copied())
}

/// The department with this primary key.
pub(crate) fn by_id(session: &mut Session, department_id: i64) -> Result<&Department, SessionError> {
    session.get::<Department>(department_id)
}

/// All periods of a department.
pub(crate) fn states(
    session: &mut Session,
    department_id: i64,
) -> Result<Vec<&DepartmentState>, SessionError> {
    session.children::<Department, DepartmentStateByDepartment>(department_id)
}
