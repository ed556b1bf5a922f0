//! A person's data is removed.

use emap_star::{
    Instant, Session,
    rows::{CoreDemographic, Form, HospitalVisit},
};

use crate::{
    outcome::ProcessingError,
    repositories::{core_demographics, forms, hospital_visits, mrn_to_lives},
};

/// Deletes demographics, forms and visits of all identifiers of a patient, as far as the message is not older than
/// they are, and whatever hangs on them. The identifiers stay, and so do former versions.
pub(crate) fn delete(
    session: &mut Session,
    live_mrn_id: i64,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let identifiers: Vec<i64> =
        mrn_to_lives::leading_to(session, live_mrn_id)?.into_iter().map(|row| row.mrn_id).collect();
    for mrn_id in identifiers {
        let demographic = core_demographics::of_mrn(session, mrn_id)?
            .filter(|row| row.valid_from < message_time)
            .map(|row| row.core_demographic_id);
        if let Some(id) = demographic {
            session.delete::<CoreDemographic>(id, message_time);
        }
        let forms: Vec<i64> = forms::of_mrn(session, mrn_id)?
            .into_iter()
            .filter(|row| row.valid_from < message_time)
            .map(|row| row.form_id)
            .collect();
        session.delete_with_dependents::<Form>(&forms, message_time)?;
        let visits: Vec<i64> = hospital_visits::of_mrn(session, mrn_id)?
            .into_iter()
            .filter(|row| row.valid_from <= message_time)
            .map(|row| row.hospital_visit_id)
            .collect();
        session.delete_with_dependents::<HospitalVisit>(&visits, message_time)?;
    }
    Ok(())
}
