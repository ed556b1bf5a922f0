//! The facts of a visit and their rows.

use emap_star::rows::{HospitalVisitId, LocationEvent, LocationId};

use super::stays;
use crate::{
    failure::Failure,
    movement::{self, Fact, FactKind},
    rules::repositories::locations,
    scope::Scope,
};

/// A fact in primary keys, as it is stored.
pub(super) type StoredFact = Fact<LocationId>;

/// The facts of the visit. Stays that are older than the keeping of facts bear witness to theirs.
pub(super) fn known_or_seeded(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
) -> Result<Vec<StoredFact>, Failure> {
    let known: Vec<StoredFact> =
        locations::facts_of(scope.rows, hospital_visit_id)?.into_iter().filter_map(fact_of_row).collect();
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
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    facts: &mut Vec<StoredFact>,
    own: StoredFact,
) -> Result<(), Failure> {
    let Some(place) = facts.iter().position(|known| known.repeats(&own)) else {
        facts.push(own);
        return insert(scope, hospital_visit_id, &own, scope.source.message_id);
    };
    if facts[place].absorb(&own) {
        let row = locations::facts_of(scope.rows, hospital_visit_id)?
            .into_iter()
            .find(|row| fact_of_row(row).is_some_and(|known| known.repeats(&own)))
            .cloned();
        if let Some(row) = row {
            let Fact { recorded, message_at, .. } = facts[place];
            scope.rows.put(LocationEvent {
                recorded_datetime: recorded,
                message_datetime: message_at,
                ..row
            })?;
        }
    }
    Ok(())
}

fn insert(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    fact: &StoredFact,
    source_id: Option<&str>,
) -> Result<(), Failure> {
    let row = LocationEvent {
        recorded_datetime: fact.recorded,
        source_id: source_id.map(str::to_owned),
        previous_location_id: fact.previous,
        ..LocationEvent::new(
            scope.rows.next_id()?,
            scope.rows.stored_from(),
            fact.at,
            fact.kind.as_str().to_owned(),
            fact.message_at,
            hospital_visit_id,
            fact.place,
        )
    };
    scope.rows.put(row)?;
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
