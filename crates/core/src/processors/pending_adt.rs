//! Planned movements, and their cancellations.

use emap_interchange::Adt;
use emap_star::Session;

use super::adt;
use crate::{controllers::pending_adt, outcome::ProcessingError, rules::Rules, source::Source};

/// Patient, demographics and visit as for any patient message, then the plan. The patient has not moved.
pub(crate) fn process(
    session: &mut Session,
    rules: Rules,
    source: Source<'_>,
    message: &Adt,
) -> Result<(), ProcessingError> {
    match adt::patient_and_visit(session, rules, source, message)? {
        (Some(visit), message_time) => pending_adt::update(session, visit, message, message_time),
        (None, _) => Ok(()),
    }
}
