//! Where patients are: admissions, registrations, transfers, discharges and their cancellations, and patients who change
//! places. Messages that only update what is known of patient and visit take the same way.

use emap_interchange::{Adt, AdtEvent};

use super::visits;
use crate::{
    failure::{Cause, Failure},
    rules::{
        controllers::{hospital_services, identity, locations, visits as visit_rules},
        repositories::identity::Identifiers,
    },
    scope::Scope,
};

/// Patient, demographics, visit, then place, then who cares for the patient there.
pub(crate) fn process(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    let moved = match visits::update(scope, message)? {
        Some(visit) => locations::update(scope, visit, message),
        None => Ok(()),
    };
    match &moved {
        // Of an admission that was cancelled before it arrived it is known all the same who was to care for the patient.
        Ok(()) | Err(Failure { cause: Cause::Cancelled(_), .. }) => {
            hospital_services::update(scope, message)?;
            moved
        }
        Err(_) => moved,
    }
}

/// The first patient as in any patient message; of the other one only numbers are given. Then both move.
pub(crate) fn swap(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    let AdtEvent::SwapLocations { other_visit_number, .. } = &message.event else { return Ok(()) };
    let Some(visit) = visits::update(scope, message)? else { return Ok(()) };
    let other = Identifiers::other(message);
    let other = identity::get_or_create_live(scope, other, message.recorded_date_time)?;
    let other_visit = visit_rules::get_or_create(scope, other_visit_number.as_deref(), other)?;
    locations::swap(scope, (visit, other_visit), message)
}
