//! Specimens taken from patients.

use emap_star::{
    Session, SessionError,
    rows::{LabSample, Mrn, SampleByNumber, SampleNumber},
};

/// A patient's specimen with a number of the laboratory.
pub(crate) fn by_number<'s>(
    session: &'s mut Session,
    key: &SampleNumber,
) -> Result<Option<&'s LabSample>, SessionError> {
    // Of a patient whom the batch creates nothing has been taken.
    if session.is_new::<Mrn>(key.mrn_id) {
        session.known_absent::<SampleByNumber>(key.clone());
    }
    session.find_one::<SampleByNumber>(key)
}
