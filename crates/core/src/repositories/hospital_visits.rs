//! Visits of patients to the hospital.

use emap_star::{
    Session, SessionError,
    rows::{HospitalVisit, VisitByEncounter},
};

/// The visit with an encounter number.
pub(crate) fn by_encounter<'s>(
    session: &'s mut Session,
    encounter: &str,
) -> Result<Option<&'s HospitalVisit>, SessionError> {
    session.find_one::<VisitByEncounter>(&encounter.to_owned())
}
