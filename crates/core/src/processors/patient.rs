//! Whom a clinical message is about. It may be the first to mention the patient or the visit.

use emap_star::{Instant, Session};

use crate::{
    controllers::{
        hospital_visit,
        person::{self, Identifiers},
    },
    outcome::ProcessingError,
    source::Source,
};

/// The patient with a hospital number: the identifier in force.
pub(super) fn patient(
    session: &mut Session,
    source: Source<'_>,
    mrn: Option<&str>,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    person::get_or_create_live(session, Identifiers { mrn, nhs_number: None }, source, Some(message_time))
}

/// The visit with a visit number. Whose visit it is counts only if it is new.
pub(super) fn visit(
    session: &mut Session,
    source: Source<'_>,
    mrn: Option<&str>,
    visit_number: Option<&str>,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    let mrn_id = patient(session, source, mrn, message_time)?;
    hospital_visit::get_or_create(session, visit_number, mrn_id, source, message_time)
}
