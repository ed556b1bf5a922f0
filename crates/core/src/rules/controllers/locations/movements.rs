//! Where the patient was: each message adds a fact, and the visit's stays are derived from all facts.

use emap_interchange::{Adt, AdtEvent, InterchangeValue};
use emap_star::{
    Instant,
    rows::{HospitalVisitId, Location, LocationId},
};

use super::{
    facts::{self, StoredFact},
    place::get_or_create_place,
    stays,
};
use crate::{
    failure::{Cause, Failure, required},
    movement::{self, Fact, FactKind, Place, Stay},
    rules::repositories::locations,
    scope::Scope,
};

/// Notes what the message says about the patient's whereabouts and brings the visit's stays into line with it.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    message: &Adt,
) -> Result<(), Failure> {
    let Some(kind) = kind_of(&message.event) else { return Ok(()) };
    let Some(full) = place_named(&message.full_location_string)? else { return Ok(()) };
    let full = get_or_create_place(scope.rows, full)?;
    let previous = match message.previous_location_string.saved() {
        Some(previous) => Some(get_or_create_place(scope.rows, previous)?.location_id),
        None => None,
    };
    if kind == FactKind::Move && previous == Some(full.location_id) {
        return Ok(());
    }
    let place = place_of(scope, message, &full)?;
    let own = Fact {
        kind,
        place,
        previous: previous.filter(|previous| takes_previous(kind) && *previous != place),
        at: event_time(scope, hospital_visit_id, message, place)?,
        message_at: scope.message_time,
        recorded: message.recorded_date_time,
    };
    let changed_at = if kind == FactKind::Discharge { own.at } else { scope.message_time };
    add(scope, hospital_visit_id, own, changed_at)
}

/// Adds a fact to those known of the visit, and brings the stays into line. `changed_at`: hospital time from which
/// changed rows hold.
pub(super) fn add(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    own: StoredFact,
    changed_at: Instant,
) -> Result<(), Failure> {
    let mut known = facts::known_or_seeded(scope, hospital_visit_id)?;
    facts::note(scope, hospital_visit_id, &mut known, own)?;
    derive(scope, hospital_visit_id, &known, &own, changed_at)
}

/// What kind of fact a message brings; most messages bring none.
fn kind_of(event: &AdtEvent) -> Option<FactKind> {
    match event {
        AdtEvent::AdmitPatient { .. }
        | AdtEvent::RegisterPatient { .. }
        | AdtEvent::TransferPatient { .. } => Some(FactKind::Move),
        AdtEvent::DischargePatient { .. } => Some(FactKind::Discharge),
        AdtEvent::CancelAdmitPatient { .. } => Some(FactKind::CancelAdmit),
        AdtEvent::CancelTransferPatient { .. } => Some(FactKind::CancelTransfer),
        AdtEvent::CancelDischargePatient { .. } => Some(FactKind::CancelDischarge),
        _ => None,
    }
}

/// Cancellations name the place that is cancelled, whatever the message gives as the previous one.
fn takes_previous(kind: FactKind) -> bool {
    matches!(kind, FactKind::Move | FactKind::Discharge)
}

/// The place in a field that may not say "delete".
pub(super) fn place_named(field: &InterchangeValue<String>) -> Result<Option<&str>, Failure> {
    match field {
        InterchangeValue::Unknown => Ok(None),
        InterchangeValue::Save(place) => Ok(Some(place)),
        InterchangeValue::Delete(_) => Err(Cause::Invalid("the present location cannot be deleted").into()),
    }
}

/// The place that the fact is about: where the patient is, but for a cancelled transfer where the patient never went.
fn place_of(scope: &mut Scope<'_, '_>, message: &Adt, full: &Location) -> Result<LocationId, Failure> {
    match &message.event {
        AdtEvent::CancelTransferPatient { cancelled_location, .. } => {
            let cancelled = required(cancelled_location.as_deref(), "location of the cancelled transfer")?;
            Ok(get_or_create_place(scope.rows, cancelled)?.location_id)
        }
        _ => Ok(full.location_id),
    }
}

fn event_time(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    message: &Adt,
    place: LocationId,
) -> Result<Instant, Failure> {
    match &message.event {
        AdtEvent::DischargePatient { discharge_date_time, .. } => {
            required(*discharge_date_time, "discharge time")
        }
        AdtEvent::CancelAdmitPatient { cancelled_date_time: None } => {
            let admission = only_admission_at(scope, hospital_visit_id, place)?;
            required(admission, "time of the cancelled admission")
        }
        AdtEvent::CancelAdmitPatient { cancelled_date_time }
        | AdtEvent::CancelTransferPatient { cancelled_date_time, .. }
        | AdtEvent::CancelDischargePatient { cancelled_date_time } => {
            required(*cancelled_date_time, "time of the cancelled event")
        }
        _ => Ok(scope.message_time),
    }
}

/// When the visit's only stay began, if it is at this place.
fn only_admission_at(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    place: LocationId,
) -> Result<Option<Instant>, Failure> {
    Ok(match locations::stays_of(scope.rows, hospital_visit_id)?.as_slice() {
        [only] if only.location_id == place => only.admission_datetime,
        _ => None,
    })
}

/// Derives the stays and changes the rows that differ.
fn derive(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    facts: &[StoredFact],
    own: &StoredFact,
    changed_at: Instant,
) -> Result<(), Failure> {
    let texts = place_texts(scope, facts)?;
    let facts: Vec<Fact<Place<'_>>> = facts.iter().map(|fact| named(fact, &texts)).collect();
    let stays: Vec<Stay<LocationId>> = movement::stays(&facts).into_iter().map(in_keys).collect();
    stays::apply(scope, hospital_visit_id, &stays, changed_at)?;
    if movement::is_cancelled(&facts, &named(own, &texts)) {
        return Err(Cause::Cancelled("the movement was cancelled before it arrived").into());
    }
    Ok(())
}

/// Places are distinguished by key but put in order by their text, which is the same in every database.
fn place_texts(
    scope: &mut Scope<'_, '_>,
    facts: &[StoredFact],
) -> Result<Vec<(LocationId, String)>, Failure> {
    let mut ids: Vec<LocationId> =
        facts.iter().flat_map(|fact| [Some(fact.place), fact.previous]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let places = locations::by_ids(scope.rows, ids)?;
    Ok(places.into_iter().map(|place| (place.location_id, place.location_string)).collect())
}

fn named<'t>(fact: &StoredFact, texts: &'t [(LocationId, String)]) -> Fact<Place<'t>> {
    let place = |id| Place { id, text: text_of(texts, id) };
    Fact {
        kind: fact.kind,
        place: place(fact.place),
        previous: fact.previous.map(place),
        at: fact.at,
        message_at: fact.message_at,
        recorded: fact.recorded,
    }
}

fn in_keys(stay: Stay<Place<'_>>) -> Stay<LocationId> {
    Stay {
        place: stay.place.id,
        admission: stay.admission,
        discharge: stay.discharge,
        inferred_admission: stay.inferred_admission,
        inferred_discharge: stay.inferred_discharge,
    }
}

fn text_of(texts: &[(LocationId, String)], id: LocationId) -> &str {
    texts.iter().find(|(known, _)| *known == id).map_or("", |(_, text)| text)
}
