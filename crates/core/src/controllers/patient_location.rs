//! Where the patient was: each message adds a fact, and the visit's stays are derived from all facts.

mod facts;
mod stays;
mod swap;

use emap_interchange::{Adt, AdtEvent, InterchangeValue};
use emap_star::{Instant, Session, rows::Location};

use crate::{
    movement::{self, Fact, FactKind, Place, Stay},
    outcome::ProcessingError,
    repositories::{location_visits, locations},
    source::Source,
};

pub(crate) use self::swap::swap;

/// A fact in primary keys, as it is stored.
type StoredFact = Fact<i64>;

/// Notes what the message says about the patient's whereabouts and brings the visit's stays into line with it.
pub(crate) fn update(
    session: &mut Session,
    hospital_visit_id: i64,
    message: &Adt,
    source: Source<'_>,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let Some(kind) = kind_of(&message.event) else { return Ok(()) };
    let Some(full) = place_named(&message.full_location_string)? else { return Ok(()) };
    let full = locations::got_or_created(session, full)?;
    let previous = match message.previous_location_string.saved() {
        Some(previous) => Some(locations::got_or_created(session, previous)?.location_id),
        None => None,
    };
    if kind == FactKind::Move && previous == Some(full.location_id) {
        return Ok(());
    }
    let place = place_of(session, message, &full)?;
    let own = Fact {
        kind,
        place,
        previous: previous.filter(|previous| takes_previous(kind) && *previous != place),
        at: event_time(session, hospital_visit_id, message, place, message_time)?,
        message_at: message_time,
        recorded: message.recorded_date_time,
    };
    let changed_at = if kind == FactKind::Discharge { own.at } else { message_time };
    learn(session, hospital_visit_id, own, source, changed_at)
}

/// Adds a fact to those known of the visit, and brings the stays into line. `changed_at`: hospital time from which
/// changed rows hold.
fn learn(
    session: &mut Session,
    hospital_visit_id: i64,
    own: StoredFact,
    source: Source<'_>,
    changed_at: Instant,
) -> Result<(), ProcessingError> {
    let mut known = facts::known_or_seeded(session, hospital_visit_id)?;
    facts::note(session, hospital_visit_id, &mut known, own, source)?;
    derive(session, hospital_visit_id, &known, &own, changed_at)
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

fn place_named(field: &InterchangeValue<String>) -> Result<Option<&str>, ProcessingError> {
    match field {
        InterchangeValue::Unknown => Ok(None),
        InterchangeValue::Save(place) => Ok(Some(place)),
        InterchangeValue::Delete(_) => {
            Err(ProcessingError::Invalid("the present location cannot be deleted"))
        }
    }
}

/// The place that the fact is about: where the patient is, but for a cancelled transfer where the patient never went.
fn place_of(session: &mut Session, message: &Adt, full: &Location) -> Result<i64, ProcessingError> {
    match &message.event {
        AdtEvent::CancelTransferPatient { cancelled_location, .. } => {
            let cancelled = cancelled_location
                .as_deref()
                .ok_or(ProcessingError::RequiredDataMissing("location of the cancelled transfer"))?;
            Ok(locations::got_or_created(session, cancelled)?.location_id)
        }
        _ => Ok(full.location_id),
    }
}

fn event_time(
    session: &mut Session,
    hospital_visit_id: i64,
    message: &Adt,
    place: i64,
    message_time: Instant,
) -> Result<Instant, ProcessingError> {
    match &message.event {
        AdtEvent::DischargePatient { discharge_date_time, .. } => {
            discharge_date_time.ok_or(ProcessingError::RequiredDataMissing("discharge time"))
        }
        AdtEvent::CancelAdmitPatient { cancelled_date_time: None } => {
            only_admission_at(session, hospital_visit_id, place)?
                .ok_or(ProcessingError::RequiredDataMissing("time of the cancelled admission"))
        }
        AdtEvent::CancelAdmitPatient { cancelled_date_time }
        | AdtEvent::CancelTransferPatient { cancelled_date_time, .. }
        | AdtEvent::CancelDischargePatient { cancelled_date_time } => {
            cancelled_date_time.ok_or(ProcessingError::RequiredDataMissing("time of the cancelled event"))
        }
        _ => Ok(message_time),
    }
}

/// When the visit's only stay began, if it is at this place.
fn only_admission_at(
    session: &mut Session,
    hospital_visit_id: i64,
    place: i64,
) -> Result<Option<Instant>, ProcessingError> {
    Ok(match location_visits::of_visit(session, hospital_visit_id)?.as_slice() {
        [only] if only.location_id == place => only.admission_datetime,
        _ => None,
    })
}

/// Derives the stays and changes the rows that differ.
fn derive(
    session: &mut Session,
    hospital_visit_id: i64,
    facts: &[StoredFact],
    own: &StoredFact,
    changed_at: Instant,
) -> Result<(), ProcessingError> {
    let texts = place_texts(session, facts)?;
    let facts: Vec<Fact<Place<'_>>> = facts.iter().map(|fact| named(fact, &texts)).collect();
    let stays: Vec<Stay<i64>> = movement::stays(&facts).into_iter().map(in_keys).collect();
    stays::apply(session, hospital_visit_id, &stays, changed_at)?;
    if movement::is_cancelled(&facts, &named(own, &texts)) {
        return Err(ProcessingError::Cancelled("the movement was cancelled before it arrived"));
    }
    Ok(())
}

/// Places are told apart by key but put in order by their text, which is the same in every database.
fn place_texts(session: &mut Session, facts: &[StoredFact]) -> Result<Vec<(i64, String)>, ProcessingError> {
    let mut ids: Vec<i64> =
        facts.iter().flat_map(|fact| [Some(fact.place), fact.previous]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    session.prefetch_ids::<Location>(ids.iter().copied())?;
    ids.into_iter().map(|id| Ok((id, locations::by_id(session, id)?.location_string.clone()))).collect()
}

fn named<'t>(fact: &StoredFact, texts: &'t [(i64, String)]) -> Fact<Place<'t>> {
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

fn in_keys(stay: Stay<Place<'_>>) -> Stay<i64> {
    Stay {
        place: stay.place.id,
        admission: stay.admission,
        discharge: stay.discharge,
        inferred_admission: stay.inferred_admission,
        inferred_discharge: stay.inferred_discharge,
    }
}

fn text_of(texts: &[(i64, String)], id: i64) -> &str {
    texts.iter().find(|(known, _)| *known == id).map_or("", |(_, text)| text)
}
