//! Movements that were planned for a visit.

use emap_star::{
    Session, SessionError,
    rows::{HospitalVisit, PlanByVisit, PlannedMovement},
};

/// All plans of one kind (`ADMIT`, `TRANSFER`, `DISCHARGE`) and one destination; "not stated" is a destination too.
pub(crate) fn of_visit<'s>(
    session: &'s mut Session,
    hospital_visit_id: i64,
    event_type: &str,
    location_id: Option<i64>,
) -> Result<impl Iterator<Item = &'s PlannedMovement>, SessionError> {
    let plans = session.children::<HospitalVisit, PlanByVisit>(hospital_visit_id)?;
    Ok(plans.into_iter().filter(move |plan| {
        plan.event_type.as_deref() == Some(event_type) && plan.location_id == location_id
    }))
}
