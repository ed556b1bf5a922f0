//! Movement facts of a visit, as messages reported them.

use emap_star::{
    Session, SessionError,
    rows::{EventByVisit, LocationEvent},
};

/// All facts known of a visit.
pub(crate) fn of_visit(
    session: &mut Session,
    hospital_visit_id: i64,
) -> Result<Vec<&LocationEvent>, SessionError> {
    session.find::<EventByVisit>(&hospital_visit_id)
}

/// A visit that is being created has none.
pub(crate) fn none_yet(session: &mut Session, hospital_visit_id: i64) {
    session.known_absent::<EventByVisit>(hospital_visit_id);
}
