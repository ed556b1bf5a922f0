//! Where patients were: movement facts and stays of visits, and the places by their `department^room^bed` string.

use emap_interchange::{Adt, AdtEvent};
use emap_star::{
    SessionError, UnitOfWork,
    rows::{
        EventByVisit, HospitalVisitId, Location, LocationByString, LocationEvent, LocationId, LocationVisit,
        StayByVisit,
    },
};

use super::visits;

/// The place with this string.
pub(crate) fn by_string<'s>(
    work: &'s mut UnitOfWork,
    location_string: &str,
) -> Result<Option<&'s Location>, SessionError> {
    // Stores that other software filled may hold a string twice; the oldest row counts.
    Ok(work.find::<LocationByString>(&location_string.to_owned())?.first().copied())
}

/// The places with these primary keys, read with one question.
pub(crate) fn by_ids(work: &mut UnitOfWork, ids: Vec<LocationId>) -> Result<Vec<Location>, SessionError> {
    work.prefetch_ids::<Location>(ids.iter().copied())?;
    ids.into_iter().map(|id| work.get::<Location>(id).cloned()).collect()
}

/// All facts known of a visit.
pub(crate) fn facts_of(
    work: &mut UnitOfWork,
    hospital_visit_id: HospitalVisitId,
) -> Result<Vec<&LocationEvent>, SessionError> {
    work.find::<EventByVisit>(&hospital_visit_id)
}

/// All stays of a visit.
pub(crate) fn stays_of(
    work: &mut UnitOfWork,
    hospital_visit_id: HospitalVisitId,
) -> Result<Vec<&LocationVisit>, SessionError> {
    work.find::<StayByVisit>(&hospital_visit_id)
}

/// A visit that is being created has neither facts nor stays.
pub(crate) fn nothing_refers_to(work: &mut UnitOfWork, hospital_visit_id: HospitalVisitId) {
    work.known_absent::<StayByVisit>(hospital_visit_id);
    work.known_absent::<EventByVisit>(hospital_visit_id);
}

/// Visits during which patients moved, and places that are named.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    encounters: Vec<String>,
    strings: Vec<String>,
}

impl Announced {
    pub(crate) fn add_adt(&mut self, message: &Adt) {
        self.encounters.extend(visits::encounters(message).cloned());
        self.strings.extend(message.full_location_string.saved().cloned());
        self.strings.extend(message.previous_location_string.saved().cloned());
        if let Some(pending) = message.event.pending() {
            self.strings.extend(pending.destination.saved().cloned());
        }
        match &message.event {
            AdtEvent::CancelTransferPatient { cancelled_location, .. } => {
                self.strings.extend(cancelled_location.clone());
            }
            AdtEvent::SwapLocations { other_full_location_string, .. } => {
                self.strings.extend(other_full_location_string.saved().cloned());
            }
            _ => {}
        }
    }

    /// Stays and facts of the visits, which are known already, and all places that these and the messages name.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        let visits = visits::in_memory(work, &self.encounters);
        work.prefetch::<StayByVisit>(visits.iter().copied())?;
        work.prefetch::<EventByVisit>(visits.iter().copied())?;
        work.prefetch::<LocationByString>(self.strings.iter().cloned())?;
        let mut places = Vec::new();
        for visit in &visits {
            places.extend(work.in_memory_rows::<StayByVisit>(visit).map(|row| row.location_id));
            for fact in work.in_memory_rows::<EventByVisit>(visit) {
                places.push(fact.location_id);
                places.extend(fact.previous_location_id);
            }
        }
        work.prefetch_ids::<Location>(places)
    }
}
