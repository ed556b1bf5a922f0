//! Visits of patients to the hospital.

use emap_interchange::{Adt, AdtEvent};
use emap_star::{
    SessionError, UnitOfWork,
    rows::{HospitalVisit, HospitalVisitId, MrnId, VisitByEncounter, VisitByMrn},
};

use super::in_memory::ids_under;

/// The visit with an encounter number.
pub(crate) fn by_encounter<'s>(
    work: &'s mut UnitOfWork,
    encounter: &str,
) -> Result<Option<&'s HospitalVisit>, SessionError> {
    work.find_one::<VisitByEncounter>(&encounter.to_owned())
}

/// All visits filed under an identifier.
pub(crate) fn of_mrn(work: &mut UnitOfWork, mrn_id: MrnId) -> Result<Vec<&HospitalVisit>, SessionError> {
    work.find::<VisitByMrn>(&mrn_id)
}

/// Numbers of the visits that a message about movements concerns.
pub(crate) fn encounters(message: &Adt) -> impl Iterator<Item = &String> {
    let other = match &message.event {
        AdtEvent::MoveVisitInformation { previous_visit_number, .. } => previous_visit_number.as_ref(),
        AdtEvent::SwapLocations { other_visit_number, .. } => other_visit_number.as_ref(),
        _ => None,
    };
    message.visit_number.as_ref().into_iter().chain(other)
}

/// Visits that messages name.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    encounters: Vec<String>,
}

impl Announced {
    /// A clinical message names a visit.
    pub(crate) fn add_encounter(&mut self, encounter: Option<&String>) {
        self.encounters.extend(encounter.cloned());
    }

    pub(crate) fn add_adt(&mut self, message: &Adt) {
        self.encounters.extend(encounters(message).cloned());
    }

    /// The numbers that are named.
    pub(crate) fn named(&self) -> &[String] {
        &self.encounters
    }

    /// The visits with these numbers.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<VisitByEncounter>(self.encounters.iter().cloned())
    }
}

/// Reads these visits, as far as they are not known.
pub(super) fn read_by_ids(work: &mut UnitOfWork, ids: Vec<HospitalVisitId>) -> Result<(), SessionError> {
    work.prefetch_ids::<HospitalVisit>(ids)
}

/// Numbers of these visits, as far as they have been read.
pub(super) fn encounters_of(work: &UnitOfWork, ids: Vec<HospitalVisitId>) -> Vec<String> {
    let visits = ids.into_iter().filter_map(|id| work.in_memory_row::<HospitalVisit>(id));
    visits.map(|visit| visit.encounter.clone()).collect()
}

/// Primary keys of the visits with these numbers, as far as they have been read.
pub(super) fn in_memory<'k>(
    work: &UnitOfWork,
    encounters: impl IntoIterator<Item = &'k String>,
) -> Vec<HospitalVisitId> {
    ids_under::<VisitByEncounter>(work, encounters)
}
