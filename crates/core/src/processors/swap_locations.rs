//! Patients who change places.

use emap_interchange::{Adt, AdtEvent};
use emap_star::Session;

use super::adt;
use crate::{
    controllers::{
        hospital_visit, patient_location,
        person::{self, Identifiers},
    },
    outcome::ProcessingError,
    rules::Rules,
    source::Source,
};

/// The first patient as in any patient message; of the other one only numbers are told. Then both move.
pub(crate) fn process(
    session: &mut Session,
    rules: Rules,
    source: Source<'_>,
    message: &Adt,
) -> Result<(), ProcessingError> {
    let AdtEvent::SwapLocations { other_mrn, other_nhs_number, other_visit_number, .. } = &message.event
    else {
        return Ok(());
    };
    let (Some(visit), message_time) = adt::patient_and_visit(session, rules, source, message)? else {
        return Ok(());
    };
    let other = Identifiers { mrn: other_mrn.as_deref(), nhs_number: other_nhs_number.as_deref() };
    let other = person::get_or_create_live(session, other, source, message.recorded_date_time)?;
    let other_visit =
        hospital_visit::get_or_create(session, other_visit_number.as_deref(), other, source, message_time)?;
    patient_location::swap(session, (visit, other_visit), message, source, message_time)
}
