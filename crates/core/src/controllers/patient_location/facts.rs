//! The facts of a visit and their rows.

use emap_star::{Session, rows::LocationEvent};

use super::{StoredFact, stays};
use crate::{
    movement::{self, Fact, FactKind},
    outcome::ProcessingError,
    repositories::location_events,
    source::Source,
};

/// The facts of the visit. Stays that are older than the keeping of facts bear witness to theirs.
pub(super) fn known_or_seeded(
    session: &mut Session,
    hospital_visit_id: i64,
) -> Result<Vec<StoredFact>, ProcessingError> {
    let known: Vec<StoredFact> =
        location_events::of_visit(session, hospital_visit_id)?.into_iter().filter_map(fact_of_row).collect();
    if !known.is_empty() {
        return Ok(known);
    }
    let seeds = movement::seed(&stays::stored(session, hospital_visit_id)?.1);
    for seed in &seeds {
        insert(session, hospital_visit_id, seed, None)?;
    }
    Ok(seeds)
}

/// Adds the message's fact to the known ones; a repeat at most raises its times.
pub(super) fn note(
    session: &mut Session,
    hospital_visit_id: i64,
    facts: &mut Vec<StoredFact>,
    own: StoredFact,
    source: Source<'_>,
) -> Result<(), ProcessingError> {
    let Some(place) = facts.iter().position(|known| known.repeats(&own)) else {
        facts.push(own);
        return insert(session, hospital_visit_id, &own, source.message_id);
    };
    if facts[place].absorb(&own) {
        let row = location_events::of_visit(session, hospital_visit_id)?
            .into_iter()
            .find(|row| fact_of_row(row).is_some_and(|known| known.repeats(&own)))
            .cloned();
        if let Some(row) = row {
            let Fact { recorded, message_at, .. } = facts[place];
            session.put(LocationEvent {
                recorded_datetime: recorded,
                message_datetime: message_at,
                ..row
            })?;
        }
    }
    Ok(())
}

fn insert(
    session: &mut Session,
    hospital_visit_id: i64,
    fact: &StoredFact,
    source_id: Option<&str>,
) -> Result<(), ProcessingError> {
    let row = LocationEvent {
        location_event_id: session.next_id()?,
        stored_from: session.stored_from(),
        event_datetime: fact.at,
        event_type: fact.kind.as_str().to_owned(),
        message_datetime: fact.message_at,
        recorded_datetime: fact.recorded,
        source_id: source_id.map(str::to_owned),
        hospital_visit_id,
        location_id: fact.place,
        previous_location_id: fact.previous,
    };
    session.put(row)?;
    Ok(())
}

fn fact_of_row(row: &LocationEvent) -> Option<StoredFact> {
    Some(Fact {
        kind: FactKind::from_name(&row.event_type)?,
        place: row.location_id,
        previous: row.previous_location_id,
        at: row.event_datetime,
        message_at: row.message_datetime,
        recorded: row.recorded_datetime,
    })
}
