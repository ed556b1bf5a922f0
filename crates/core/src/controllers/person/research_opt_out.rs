//! Patients whose data must not be used for research: it holds for all their identifiers.

use emap_star::Session;

use crate::{
    outcome::ProcessingError,
    repositories::{mrn_to_lives, mrns},
};

/// Notes on all identifiers of a patient whether the patient opted out.
pub(crate) fn set(session: &mut Session, live_mrn_id: i64, opted_out: bool) -> Result<(), ProcessingError> {
    for mrn_id in identifiers(session, live_mrn_id)? {
        let row = mrns::by_id(session, mrn_id)?;
        if row.research_opt_out != opted_out {
            let mut row = row.clone();
            row.research_opt_out = opted_out;
            session.put(row)?;
        }
    }
    Ok(())
}

/// An opt-out of any identifier of a patient holds for all of them.
pub(super) fn spread(session: &mut Session, live_mrn_id: i64) -> Result<(), ProcessingError> {
    for mrn_id in identifiers(session, live_mrn_id)? {
        if mrns::by_id(session, mrn_id)?.research_opt_out {
            return set(session, live_mrn_id, true);
        }
    }
    Ok(())
}

fn identifiers(session: &mut Session, live_mrn_id: i64) -> Result<Vec<i64>, ProcessingError> {
    Ok(mrn_to_lives::leading_to(session, live_mrn_id)?.into_iter().map(|row| row.mrn_id).collect())
}
