//! Which speciality cared for a patient: what was reported of a visit, and the rows that follow from it.

use emap_interchange::{Adt, AdtEvent};
use emap_star::{
    SessionError, UnitOfWork,
    rows::{
        HospitalServiceEvent, HospitalVisit, HospitalVisitId, PlanByVisit, PlannedMovement,
        ServiceEventByEncounter,
    },
};

use super::visits;

/// Everything reported of the visit with an encounter number, whether or not the visit is known.
pub(crate) fn reported<'s>(
    work: &'s mut UnitOfWork,
    encounter: &str,
) -> Result<Vec<&'s HospitalServiceEvent>, SessionError> {
    work.find::<ServiceEventByEncounter>(&encounter.to_owned())
}

/// Everything reported of these visits, read with one question.
pub(crate) fn read(work: &mut UnitOfWork, encounters: &[String]) -> Result<(), SessionError> {
    work.prefetch::<ServiceEventByEncounter>(encounters.iter().cloned())
}

/// All movements of a visit, planned or not.
pub(crate) fn movements_of(
    work: &mut UnitOfWork,
    hospital_visit_id: HospitalVisitId,
) -> Result<Vec<&PlannedMovement>, SessionError> {
    work.children::<HospitalVisit, PlanByVisit>(hospital_visit_id)
}

/// Visits of which services may be reported, or follow from other reports.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    encounters: Vec<String>,
}

impl Announced {
    pub(crate) fn add_adt(&mut self, message: &Adt) {
        let concerned = match &message.event {
            AdtEvent::CancelAdmitPatient { .. } | AdtEvent::MoveVisitInformation { .. } => true,
            event => {
                event.pending().is_some()
                    || event.hospital_service().is_some_and(|service| !service.is_unknown())
            }
        };
        if concerned {
            self.encounters.extend(visits::encounters(message).cloned());
        }
    }

    /// What was reported of the visits, and their movements.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        read(work, &self.encounters)?;
        work.prefetch::<PlanByVisit>(visits::in_memory(work, &self.encounters))
    }
}
