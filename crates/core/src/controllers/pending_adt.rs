//! Movements that are planned or called off. Plans and their cancellations pair up whichever comes first; no stay is
//! touched.

use emap_interchange::{Adt, AdtEvent};
use emap_star::{Instant, RowState, Session, SessionError, rows::PlannedMovement};

use super::opened::opened;
use crate::{
    outcome::ProcessingError,
    repositories::{locations, planned_movements},
};

/// What a plan is for: only plans and cancellations of equal purpose pair up.
#[derive(Debug, Clone, Copy)]
struct Purpose {
    hospital_visit_id: i64,
    /// `ADMIT`, `TRANSFER` or `DISCHARGE`.
    event_type: &'static str,
    /// Where to; not stated is a destination of its own.
    location_id: Option<i64>,
}

/// Notes the plan, or that it was called off.
pub(crate) fn update(
    session: &mut Session,
    hospital_visit_id: i64,
    message: &Adt,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let Some((event_type, destination)) = message.event.pending() else { return Ok(()) };
    let event_type =
        event_type.ok_or(ProcessingError::Invalid("the plan does not say of what kind it is"))?;
    let location_id = match destination.saved() {
        Some(destination) => Some(locations::got_or_created(session, destination)?.location_id),
        None => None,
    };
    let purpose = Purpose { hospital_visit_id, event_type: event_type.as_str(), location_id };
    let plan = match &message.event {
        AdtEvent::CancelPendingTransfer { cancelled_date_time, .. } => {
            called_off(session, purpose, *cancelled_date_time, message_time)?
        }
        _ => planned(session, purpose, message.event_occurred_date_time, message_time)?,
    };
    session.save(plan)?;
    Ok(())
}

/// A plan made at this time is known already, or has the earliest later cancellation that lacks a plan, or is new.
fn planned(
    session: &mut Session,
    purpose: Purpose,
    made_at: Option<Instant>,
    message_time: Instant,
) -> Result<RowState<PlannedMovement>, ProcessingError> {
    let fits = |plan: &PlannedMovement| match plan.event_datetime {
        Some(known) => Some(known) == made_at,
        None => made_at.is_some_and(|made_at| plan.cancelled_datetime.is_some_and(|at| at >= made_at)),
    };
    let exact_first =
        |plan: &PlannedMovement| (absent_last(plan.event_datetime), absent_last(plan.cancelled_datetime));
    let mut plan = known_or_new(session, purpose, fits, exact_first, message_time)?;
    if plan.event_datetime.is_none() {
        plan.event_datetime = made_at;
    }
    Ok(plan)
}

/// Another cancellation that lacks a plan and is not earlier stands for this one too; else the earliest plan that is
/// open and not later is called off; else the plan is yet to come.
fn called_off(
    session: &mut Session,
    purpose: Purpose,
    cancelled_at: Option<Instant>,
    message_time: Instant,
) -> Result<RowState<PlannedMovement>, ProcessingError> {
    let fits = |plan: &PlannedMovement| {
        cancelled_at.is_some_and(|cancelled_at| match (plan.event_datetime, plan.cancelled_datetime) {
            (Some(made_at), None) => made_at <= cancelled_at,
            (None, Some(known)) => known >= cancelled_at,
            _ => false,
        })
    };
    let cancelled_first =
        |plan: &PlannedMovement| (absent_last(plan.cancelled_datetime), absent_last(plan.event_datetime));
    let mut plan = known_or_new(session, purpose, fits, cancelled_first, message_time)?;
    if plan.cancelled_datetime.is_none() {
        plan.cancelled_datetime = cancelled_at;
        plan.cancelled = Some(true);
    }
    Ok(plan)
}

/// The first plan of this purpose that fits, opened; else one that is neither made nor called off yet.
fn known_or_new<K: Ord>(
    session: &mut Session,
    purpose: Purpose,
    fits: impl Fn(&PlannedMovement) -> bool,
    order: impl Fn(&PlannedMovement) -> K,
    message_time: Instant,
) -> Result<RowState<PlannedMovement>, SessionError> {
    let Purpose { hospital_visit_id, event_type, location_id } = purpose;
    let known = planned_movements::of_visit(session, hospital_visit_id, event_type, location_id)?
        .filter(|plan| fits(plan))
        .min_by_key(|plan| order(plan))
        .cloned();
    opened(session, known, message_time, |planned_movement_id, stored_from| PlannedMovement {
        planned_movement_id,
        stored_from,
        valid_from: message_time,
        cancelled: Some(false),
        cancelled_datetime: None,
        event_datetime: None,
        event_type: Some(event_type.to_owned()),
        hospital_visit_id,
        location_id,
    })
}

/// A sort key by which what has no time comes last.
fn absent_last(time: Option<Instant>) -> (bool, Option<Instant>) {
    (time.is_none(), time)
}
