//! Where the patient was: each message adds a fact, and the visit's stays are derived from all facts.

use emap_interchange::{Adt, AdtEvent, InterchangeValue};
use emap_star::{
    Instant, RowState, Session,
    rows::{Location, LocationEvent, LocationVisit},
};

use crate::{
    movement::{self, Fact, FactKind, Place, Stay},
    outcome::ProcessingError,
    repositories::{location_events, location_visits, locations},
    source::Source,
};

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
    let mut facts = known_or_seeded(session, hospital_visit_id)?;
    let place = place_of(session, message, &full)?;
    let own = Fact {
        kind,
        place,
        previous: previous.filter(|previous| takes_previous(kind) && *previous != place),
        at: event_time(session, hospital_visit_id, message, place, message_time)?,
        message_at: message_time,
        recorded: message.recorded_date_time,
    };
    note(session, hospital_visit_id, &mut facts, own, source)?;
    let changed_at = if kind == FactKind::Discharge { own.at } else { message_time };
    derive(session, hospital_visit_id, &facts, &own, changed_at)
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

/// The facts of the visit. Stays that are older than the keeping of facts bear witness to theirs.
fn known_or_seeded(
    session: &mut Session,
    hospital_visit_id: i64,
) -> Result<Vec<StoredFact>, ProcessingError> {
    let known: Vec<StoredFact> =
        location_events::of_visit(session, hospital_visit_id)?.into_iter().filter_map(fact_of_row).collect();
    if !known.is_empty() {
        return Ok(known);
    }
    let seeds = movement::seed(&stays_stored(session, hospital_visit_id)?.1);
    for seed in &seeds {
        insert(session, hospital_visit_id, seed, None)?;
    }
    Ok(seeds)
}

/// Adds the message's fact to the known ones; a repeat at most raises its times.
fn note(
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

/// Derives the stays and changes the rows that differ. `changed_at`: hospital time from which changed rows hold.
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
    apply(session, hospital_visit_id, &stays, changed_at)?;
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

fn stays_stored(
    session: &mut Session,
    hospital_visit_id: i64,
) -> Result<(Vec<LocationVisit>, Vec<Stay<i64>>), ProcessingError> {
    let rows: Vec<LocationVisit> =
        location_visits::of_visit(session, hospital_visit_id)?.into_iter().cloned().collect();
    let stays = rows.iter().map(stay_of_row).collect();
    Ok((rows, stays))
}

fn stay_of_row(row: &LocationVisit) -> Stay<i64> {
    Stay {
        place: row.location_id,
        // Stores that other software filled may lack it; the earliest known time then stands in.
        admission: row.admission_datetime.or(row.discharge_datetime).unwrap_or(row.valid_from),
        discharge: row.discharge_datetime,
        inferred_admission: row.inferred_admission || row.admission_datetime.is_none(),
        inferred_discharge: row.inferred_discharge,
    }
}

fn apply(
    session: &mut Session,
    hospital_visit_id: i64,
    stays: &[Stay<i64>],
    changed_at: Instant,
) -> Result<(), ProcessingError> {
    let (rows, stored) = stays_stored(session, hospital_visit_id)?;
    let changes = movement::reconcile(&stored, stays);
    for row in changes.delete {
        session.delete::<LocationVisit>(rows[row].location_visit_id, changed_at);
    }
    for (row, stay) in changes.update {
        let mut row = RowState::existing(rows[row].clone(), changed_at);
        fill(&mut row, &stay);
        session.save(row)?;
    }
    for stay in changes.insert {
        let mut row = RowState::created(empty(session, hospital_visit_id, changed_at)?, changed_at);
        fill(&mut row, &stay);
        session.save(row)?;
    }
    Ok(())
}

fn fill(row: &mut LocationVisit, stay: &Stay<i64>) {
    row.location_id = stay.place;
    row.admission_datetime = Some(stay.admission);
    row.discharge_datetime = stay.discharge;
    row.inferred_admission = stay.inferred_admission;
    row.inferred_discharge = stay.inferred_discharge;
}

fn empty(
    session: &mut Session,
    hospital_visit_id: i64,
    valid_from: Instant,
) -> Result<LocationVisit, ProcessingError> {
    Ok(LocationVisit {
        location_visit_id: session.next_id()?,
        stored_from: session.stored_from(),
        valid_from,
        hospital_visit_id,
        location_id: 0,
        parent_location_visit_id: None,
        admission_datetime: None,
        discharge_datetime: None,
        inferred_admission: false,
        inferred_discharge: false,
    })
}
