//! Two patients who changed places.

use emap_interchange::{Adt, AdtEvent};
use emap_star::{Instant, Session};

use super::{StoredFact, learn, place_named};
use crate::{movement::FactKind, outcome::ProcessingError, repositories::locations, source::Source};

/// Notes that each visit moved to its place from the other's. `visits`: of the patient of the message, then of the
/// other one.
pub(crate) fn swap(
    session: &mut Session,
    visits: (i64, i64),
    message: &Adt,
    source: Source<'_>,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let AdtEvent::SwapLocations { other_full_location_string, .. } = &message.event else { return Ok(()) };
    let (Some(place), Some(other_place)) =
        (place_named(&message.full_location_string)?, place_named(other_full_location_string)?)
    else {
        return Ok(());
    };
    let place = locations::got_or_created(session, place)?.location_id;
    let other_place = locations::got_or_created(session, other_place)?.location_id;
    if place == other_place {
        return Ok(());
    }
    let moved = |place, previous| StoredFact {
        kind: FactKind::Move,
        place,
        previous: Some(previous),
        at: message_time,
        message_at: message_time,
        recorded: message.recorded_date_time,
    };
    // That one patient's move is known to be cancelled does not keep the other where they were.
    let first = learn(session, visits.0, moved(place, other_place), source, message_time);
    let second = learn(session, visits.1, moved(other_place, place), source, message_time);
    first.and(second)
}
