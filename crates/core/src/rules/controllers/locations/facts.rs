//! The facts of a visit and their rows.

use emap_star::rows::LocationEvent;

use super::stays;
use crate::{
    failure::Failure,
    movement::{self, Fact, FactKind},
    rules::repositories::locations,
    scope::Scope,
};

/// A fact in primary keys, as it is stored.
pub(super) type StoredFact = Fact<i64>;

/// The facts of the visit. Stays that are older than the keeping of facts bear witness to theirs.
pub(super) fn known_or_seeded(
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
) -> Result<Vec<StoredFact>, Failure> {
    let known: Vec<StoredFact> =
        locations::facts_of(scope.session, hospital_visit_id)?.into_iter().filter_map(fact_of_row).collect();
    if !known.is_empty() {
        return Ok(known);
    }
    let seeds = movement::seed(&stays::stored(scope, hospital_visit_id)?.1);
    for seed in &seeds {
        insert(scope, hospital_visit_id, seed, None)?;
    }
    Ok(seeds)
}

/// Adds the message's fact to the known ones; a repeat at most raises its times.
pub(super) fn note(
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
    facts: &mut Vec<StoredFact>,
    own: StoredFact,
) -> Result<(), Failure> {
    let Some(place) = facts.iter().position(|known| known.repeats(&own)) else {
        facts.push(own);
        return insert(scope, hospital_visit_id, &own, scope.source.message_id);
    };
    if facts[place].absorb(&own) {
        let row = locations::facts_of(scope.session, hospital_visit_id)?
            .into_iter()
            .find(|row| fact_of_row(row).is_some_and(|known| known.repeats(&own)))
            .cloned();
        if let Some(row) = row {
            let Fact { recorded, message_at, .. } = facts[place];
            scope.session.put(LocationEvent {
                recorded_datetime: recorded,
                message_datetime: message_at,
                ..row
            })?;
        }
    }
    Ok(())
}

fn insert(
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
    fact: &StoredFact,
    source_id: Option<&str>,
) -> Result<(), Failure> {
    let row = LocationEvent {
        location_event_id: scope.session.next_id()?,
        stored_from: scope.session.stored_from(),
        event_datetime: fact.at,
        event_type: fact.kind.as_str().to_owned(),
        message_datetime: fact.message_at,
        recorded_datetime: fact.recorded,
        source_id: source_id.map(str::to_owned),
        hospital_visit_id,
        location_id: fact.place,
        previous_location_id: fact.previous,
    };
    scope.session.put(row)?;
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
