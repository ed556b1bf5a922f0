//! Admissions, registrations, transfers, discharges, their cancellations, and updates of patient data.

use emap_interchange::Adt;
use emap_star::{Instant, Session};

use super::message_time;
use crate::{
    controllers::{
        demographics, hospital_visit, patient_location,
        person::{self, Identifiers},
    },
    outcome::ProcessingError,
    rules::Rules,
    source::Source,
};

/// Patient, then demographics, then visit, then place.
pub(crate) fn process(
    session: &mut Session,
    rules: Rules,
    source: Source<'_>,
    message: &Adt,
) -> Result<(), ProcessingError> {
    let (visit, message_time) = patient_and_visit(session, rules, source, message)?;
    match visit {
        Some(visit) => patient_location::update(session, visit, message, source, message_time),
        None => Ok(()),
    }
}

/// What a message says of patient and visit. Gives the visit, if it is about one, and the time of the message.
pub(super) fn patient_and_visit(
    session: &mut Session,
    rules: Rules,
    source: Source<'_>,
    message: &Adt,
) -> Result<(Option<i64>, Instant), ProcessingError> {
    let patient = Identifiers::of(message);
    let live_mrn_id = person::get_or_create_live(session, patient, source, message.recorded_date_time)?;
    let message_time = message_time(message)?;
    demographics::create_or_update(session, rules, live_mrn_id, message, source, message_time)?;
    let visit = hospital_visit::create_or_update(session, live_mrn_id, message, source, message_time)?;
    Ok((visit, message_time))
}
