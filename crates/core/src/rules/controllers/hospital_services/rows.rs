//! The rows that follow from what was reported of a visit.

use emap_star::{
    Instant, RowState,
    rows::{HospitalVisitId, LocationId, PlannedMovement, PlannedMovementId},
};

use super::reports::Report;
use crate::{
    failure::Failure,
    hospital_service::{self, Before, Derived, Fact, Given, RowKind},
    rules::{controllers::locations, repositories::hospital_services},
    scope::Scope,
};

/// Brings the rows of the visit into line, place by place.
pub(super) fn derive(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    reports: &[Report],
) -> Result<(), Failure> {
    let mut places: Vec<&Option<String>> = reports.iter().map(|report| &report.place).collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        let location_id = match place {
            Some(place) => Some(locations::get_or_create_place(scope.rows, place)?.location_id),
            None => None,
        };
        let facts = reports.iter().filter(|report| &report.place == place).map(|report| report.fact.clone());
        at_place(scope, hospital_visit_id, location_id, &facts.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The same for one place.
fn at_place(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    location_id: Option<LocationId>,
    facts: &[Fact],
) -> Result<(), Failure> {
    let mut stored: Vec<PlannedMovement> = hospital_services::movements_of(scope.rows, hospital_visit_id)?
        .into_iter()
        .filter(|row| row.location_id == location_id)
        .cloned()
        .collect();
    stored.sort_by_key(|row| row.planned_movement_id);
    // The first row of a fact is its own; all others stay as they are.
    let mut own: Vec<PlannedMovement> = Vec::new();
    let mut others: Vec<PlannedMovement> = Vec::new();
    for row in stored {
        let follows = facts.iter().any(|fact| may_follow(&row, fact));
        let again = own.iter().any(|known| is_same_event(known, &row));
        if follows && !again { own.push(row) } else { others.push(row) }
    }
    others.retain(|row| row.event_datetime.is_some());
    let given: Vec<Given<'_>> = others.iter().filter_map(given_row).collect();
    let history = hospital_service::history(&given, facts);
    let mut ids: Vec<PlannedMovementId> = Vec::with_capacity(history.rows.len());
    for derived in &history.rows {
        let place = own.iter().position(|row| is_event(row, derived.kind, derived.at));
        let known = place.map(|place| own.swap_remove(place));
        let mut row = scope.open(known, |id| PlannedMovement {
            event_type: Some(derived.kind.as_str().to_owned()),
            event_datetime: Some(derived.at),
            location_id,
            ..PlannedMovement::new(id, hospital_visit_id)
        })?;
        let before = derived.before.map(|before| match before {
            Before::Given(place) => others[place].planned_movement_id,
            Before::Derived(place) => ids[place],
        });
        ids.push(row.planned_movement_id);
        fill(&mut row, derived, before);
        scope.rows.save(row)?;
    }
    for row in own {
        scope.rows.delete::<PlannedMovement>(row.planned_movement_id, scope.message_time);
    }
    for (place, at) in history.cancelled {
        let mut row = RowState::existing(others[place].clone(), scope.message_time);
        row.cancelled = Some(true);
        row.cancelled_datetime = Some(at);
        scope.rows.save(row)?;
    }
    Ok(())
}

fn fill(row: &mut PlannedMovement, derived: &Derived, before: Option<PlannedMovementId>) {
    row.hospital_service.clone_from(&derived.service);
    row.matched_movement_id = before;
    row.cancelled = Some(derived.cancelled_at.is_some());
    row.cancelled_datetime = derived.cancelled_at;
}

/// Whether a row is the one that would follow from the fact.
fn may_follow(row: &PlannedMovement, fact: &Fact) -> bool {
    fact.kind.row().is_some_and(|kind| is_event(row, kind, fact.at))
}

fn is_event(row: &PlannedMovement, kind: RowKind, at: Instant) -> bool {
    row.event_datetime == Some(at) && row.event_type.as_deref() == Some(kind.as_str())
}

fn is_same_event(one: &PlannedMovement, other: &PlannedMovement) -> bool {
    one.event_type == other.event_type && one.event_datetime == other.event_datetime
}

fn given_row(row: &PlannedMovement) -> Option<Given<'_>> {
    let event_type = row.event_type.as_deref().unwrap_or_default();
    Some(Given {
        at: row.event_datetime?,
        event_type,
        service: row.hospital_service.as_deref(),
        is_open_admission: event_type == RowKind::Admission.as_str() && row.cancelled_datetime.is_none(),
    })
}
