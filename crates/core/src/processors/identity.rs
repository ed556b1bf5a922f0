//! Identifiers of patients: merged, changed, deleted with all they stand for.

use emap_interchange::Adt;
use emap_star::Session;

use super::message_time;
use crate::{
    controllers::{
        demographics,
        person::{self, Identifiers},
    },
    outcome::ProcessingError,
    rules::Rules,
    source::Source,
};

/// Two identifiers turn out to mean one patient: the previous one is retired.
pub(crate) fn merge(
    session: &mut Session,
    rules: Rules,
    source: Source<'_>,
    message: &Adt,
) -> Result<(), ProcessingError> {
    let patient = Identifiers::of(message);
    let surviving = person::get_or_create_live_by_mrn(session, patient, source, message.recorded_date_time)?;
    let message_time = message_time(message)?;
    demographics::create_or_update(session, rules, surviving, message, source, message_time)?;
    let retired = person::all_or_created(session, Identifiers::previous(message), source, message_time)?;
    person::merge(session, surviving, &retired, message_time)
}

/// A patient gets other identifiers; nothing else is touched.
pub(crate) fn change_identifiers(
    session: &mut Session,
    source: Source<'_>,
    message: &Adt,
) -> Result<(), ProcessingError> {
    let (new, previous) = (Identifiers::of(message), Identifiers::previous(message));
    person::change_identifiers(session, new, previous, source, message_time(message)?)
}

/// Everything about a person is removed but the identifiers.
pub(crate) fn delete_person(
    session: &mut Session,
    source: Source<'_>,
    message: &Adt,
) -> Result<(), ProcessingError> {
    let message_time = message_time(message)?;
    let live_mrn_id =
        person::get_or_create_live(session, Identifiers::of(message), source, Some(message_time))?;
    person::delete(session, live_mrn_id, message_time)
}
