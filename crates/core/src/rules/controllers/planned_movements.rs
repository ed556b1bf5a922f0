//! Movements that are planned or called off. Plans and their cancellations pair up whichever comes first; no stay is
//! touched.

use emap_interchange::{Adt, AdtEvent};
use emap_star::{
    Instant, RowState,
    rows::{HospitalVisitId, LocationId, PlannedMovement},
};

use super::locations;
use crate::{
    assign::Assign,
    failure::{Failure, required},
    rules::repositories::planned_movements,
    scope::Scope,
};

/// What a plan is for: only plans and cancellations of equal purpose pair up.
#[derive(Debug, Clone, Copy)]
struct Purpose {
    hospital_visit_id: HospitalVisitId,
    /// `ADMIT`, `TRANSFER` or `DISCHARGE`.
    event_type: &'static str,
    /// Where to; not stated is a destination of its own.
    location_id: Option<LocationId>,
}

/// Notes the plan, or that it was called off.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    message: &Adt,
) -> Result<(), Failure> {
    let Some(pending) = message.event.pending() else { return Ok(()) };
    let event_type =
        required(pending.event_type, "pendingEventType").map_err(Failure::undoing_the_message)?;
    let location_id = match pending.destination.saved() {
        Some(destination) => Some(locations::get_or_create_place(scope.rows, destination)?.location_id),
        None => None,
    };
    let purpose = Purpose { hospital_visit_id, event_type: event_type.as_str(), location_id };
    let plan = match &message.event {
        AdtEvent::CancelPendingTransfer { cancelled_date_time, .. }
        | AdtEvent::CancelPendingDischarge { cancelled_date_time, .. } => {
            called_off(scope, purpose, *cancelled_date_time)?
        }
        _ => {
            let mut plan = planned(scope, purpose, message.event_occurred_date_time)?;
            // A cancellation says nothing of who was to care for the patient.
            pending.hospital_service.assign_to(&mut plan.hospital_service);
            plan
        }
    };
    scope.rows.save(plan)?;
    Ok(())
}

/// A plan made at this time is known already, or has the earliest later cancellation that lacks a plan, or is new.
fn planned(
    scope: &mut Scope<'_, '_>,
    purpose: Purpose,
    made_at: Option<Instant>,
) -> Result<RowState<PlannedMovement>, Failure> {
    let fits = |plan: &PlannedMovement| match plan.event_datetime {
        Some(known) => Some(known) == made_at,
        None => made_at.is_some_and(|made_at| plan.cancelled_datetime.is_some_and(|at| at >= made_at)),
    };
    let exact_first =
        |plan: &PlannedMovement| (absent_last(plan.event_datetime), absent_last(plan.cancelled_datetime));
    let mut plan = open(scope, purpose, fits, exact_first)?;
    if plan.event_datetime.is_none() {
        plan.event_datetime = made_at;
    }
    Ok(plan)
}

/// Another cancellation that lacks a plan and is not earlier stands for this one too; else the earliest plan that is
/// open and not later is called off; else the plan is yet to come.
fn called_off(
    scope: &mut Scope<'_, '_>,
    purpose: Purpose,
    cancelled_at: Option<Instant>,
) -> Result<RowState<PlannedMovement>, Failure> {
    let fits = |plan: &PlannedMovement| {
        cancelled_at.is_some_and(|cancelled_at| match (plan.event_datetime, plan.cancelled_datetime) {
            (Some(made_at), None) => made_at <= cancelled_at,
            (None, Some(known)) => known >= cancelled_at,
            _ => false,
        })
    };
    let cancelled_first =
        |plan: &PlannedMovement| (absent_last(plan.cancelled_datetime), absent_last(plan.event_datetime));
    let mut plan = open(scope, purpose, fits, cancelled_first)?;
    if plan.cancelled_datetime.is_none() {
        plan.cancelled_datetime = cancelled_at;
        plan.cancelled = Some(true);
    }
    Ok(plan)
}

/// The first plan of this purpose that fits, opened; else one that is neither made nor called off yet.
fn open<K: Ord>(
    scope: &mut Scope<'_, '_>,
    purpose: Purpose,
    fits: impl Fn(&PlannedMovement) -> bool,
    order: impl Fn(&PlannedMovement) -> K,
) -> Result<RowState<PlannedMovement>, Failure> {
    let Purpose { hospital_visit_id, event_type, location_id } = purpose;
    let known = planned_movements::of_visit(scope.rows, hospital_visit_id, event_type, location_id)?
        .filter(|plan| fits(plan))
        .min_by_key(|plan| order(plan))
        .cloned();
    let plan = scope.open(known, |planned_movement_id| PlannedMovement {
        cancelled: Some(false),
        event_type: Some(event_type.to_owned()),
        location_id,
        ..PlannedMovement::new(planned_movement_id, hospital_visit_id)
    })?;
    Ok(plan)
}

/// A sort key by which what has no time comes last.
fn absent_last(time: Option<Instant>) -> (bool, Option<Instant>) {
    (time.is_none(), time)
}
