//! Visits of patients to the hospital.

use emap_star::{
    Session, SessionError,
    rows::{HospitalVisit, VisitByEncounter, VisitByMrn},
};

/// The visit with an encounter number.
pub(crate) fn by_encounter<'s>(
    session: &'s mut Session,
    encounter: &str,
) -> Result<Option<&'s HospitalVisit>, SessionError> {
    session.find_one::<VisitByEncounter>(&encounter.to_owned())
}

/// All visits filed under an identifier.
pub(crate) fn of_mrn(session: &mut Session, mrn_id: i64) -> Result<Vec<&HospitalVisit>, SessionError> {
    session.find::<VisitByMrn>(&mrn_id)
}
