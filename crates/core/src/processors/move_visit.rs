//! Visits that are filed under another patient.

use emap_interchange::Adt;
use emap_star::Session;

use super::message_time;
use crate::{
    controllers::{
        demographics, hospital_visit,
        person::{self, Identifiers},
    },
    outcome::ProcessingError,
    rules::Rules,
    source::Source,
};

/// Both patients, demographics of the one who has the visit now, then the visit. Where the patient was moves with it.
pub(crate) fn process(
    session: &mut Session,
    rules: Rules,
    source: Source<'_>,
    message: &Adt,
) -> Result<(), ProcessingError> {
    let message_time = message_time(message)?;
    let from =
        person::get_or_create_live(session, Identifiers::previous(message), source, Some(message_time))?;
    let patient = Identifiers::of(message);
    let to = person::get_or_create_live(session, patient, source, message.recorded_date_time)?;
    demographics::create_or_update(session, rules, to, message, source, message_time)?;
    hospital_visit::move_visit(session, from, to, message, source, message_time)
}
