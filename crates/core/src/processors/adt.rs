//! Admissions, registrations, transfers, discharges, their cancellations, and updates of patient data.

use emap_interchange::Adt;
use emap_star::Session;

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
    let patient = Identifiers { mrn: message.mrn.as_deref(), nhs_number: message.nhs_number.as_deref() };
    let live_mrn_id = person::get_or_create_live(session, patient, source, message.recorded_date_time)?;
    let message_time = message
        .valid_from()
        .ok_or(ProcessingError::Invalid("the message has neither an event time nor a recorded time"))?;
    demographics::create_or_update(session, rules, live_mrn_id, message, source, message_time)?;
    let visit = hospital_visit::create_or_update(session, live_mrn_id, message, source, message_time)?;
    match visit {
        Some(visit) => patient_location::update(session, visit, message, source, message_time),
        None => Ok(()),
    }
}
