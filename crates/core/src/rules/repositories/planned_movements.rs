//! Movements that were planned for a visit.

use emap_interchange::Adt;
use emap_star::{
    SessionError, UnitOfWork,
    rows::{HospitalVisit, HospitalVisitId, LocationId, PlanByVisit, PlannedMovement},
};

use super::visits;

/// All plans of one kind (`ADMIT`, `TRANSFER`, `DISCHARGE`) and one destination; "not stated" is a destination too.
pub(crate) fn of_visit<'s>(
    work: &'s mut UnitOfWork,
    hospital_visit_id: HospitalVisitId,
    event_type: &str,
    location_id: Option<LocationId>,
) -> Result<impl Iterator<Item = &'s PlannedMovement>, SessionError> {
    let plans = work.children::<HospitalVisit, PlanByVisit>(hospital_visit_id)?;
    Ok(plans.into_iter().filter(move |plan| {
        plan.event_type.as_deref() == Some(event_type) && plan.location_id == location_id
    }))
}

/// Visits for which movements are planned or called off.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    encounters: Vec<String>,
}

impl Announced {
    pub(crate) fn add_adt(&mut self, message: &Adt) {
        if message.event.pending().is_some() {
            self.encounters.extend(message.visit_number.clone());
        }
    }

    /// All plans of the visits, which are known already.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<PlanByVisit>(visits::in_memory(work, &self.encounters))
    }
}
