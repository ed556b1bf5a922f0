//! Stays of a visit, one place each.

use emap_star::{
    Session, SessionError,
    rows::{LocationVisit, StayByVisit},
};

/// All stays of a visit.
pub(crate) fn of_visit(
    session: &mut Session,
    hospital_visit_id: i64,
) -> Result<Vec<&LocationVisit>, SessionError> {
    session.find::<StayByVisit>(&hospital_visit_id)
}

/// A visit that is being created has none.
pub(crate) fn none_yet(session: &mut Session, hospital_visit_id: i64) {
    session.known_absent::<StayByVisit>(hospital_visit_id);
}
