//! Demographics of patients.

use emap_star::{
    Session, SessionError,
    rows::{CoreDemographic, DemographicByMrn},
};

/// What is known of the patient with this (live) identifier.
pub(crate) fn of_mrn(session: &mut Session, mrn_id: i64) -> Result<Option<&CoreDemographic>, SessionError> {
    session.find_one::<DemographicByMrn>(&mrn_id)
}

/// An identifier that is being created has none.
pub(crate) fn none_yet(session: &mut Session, mrn_id: i64) {
    session.known_absent::<DemographicByMrn>(mrn_id);
}
