//! Two patients who changed places.

use emap_interchange::{Adt, AdtEvent};
use emap_star::rows::HospitalVisitId;

use super::{
    facts::StoredFact,
    movements::{add, place_named},
    place::get_or_create_place,
};
use crate::{failure::Failure, movement::FactKind, scope::Scope};

/// Notes that each visit moved to its place from the other's. If either place is unknown nobody moved, whatever is said
/// of the other. `visits`: of the patient of the message, then of the other one.
pub(crate) fn swap(
    scope: &mut Scope<'_, '_>,
    visits: (HospitalVisitId, HospitalVisitId),
    message: &Adt,
) -> Result<(), Failure> {
    let AdtEvent::SwapLocations { other_full_location_string, .. } = &message.event else { return Ok(()) };
    if message.full_location_string.is_unknown() || other_full_location_string.is_unknown() {
        return Ok(());
    }
    let (Some(place), Some(other_place)) =
        (place_named(&message.full_location_string)?, place_named(other_full_location_string)?)
    else {
        return Ok(());
    };
    let place = get_or_create_place(scope.rows, place)?.location_id;
    let other_place = get_or_create_place(scope.rows, other_place)?.location_id;
    if place == other_place {
        return Ok(());
    }
    let message_time = scope.message_time;
    let moved = |place, previous| StoredFact {
        kind: FactKind::Move,
        place,
        previous: Some(previous),
        at: message_time,
        message_at: message_time,
        recorded: message.recorded_date_time,
    };
    // That one patient's move is known to be cancelled does not keep the other where they were.
    let first = add(scope, visits.0, moved(place, other_place), message_time);
    let second = add(scope, visits.1, moved(other_place, place), message_time);
    first.and(second)
}
