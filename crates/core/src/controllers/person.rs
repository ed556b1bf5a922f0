//! Who a message is about: identifiers got or created, and followed to the one in force.

mod changing;
mod deletion;
mod merging;
pub(crate) mod research_opt_out;

use emap_interchange::Adt;
use emap_star::{
    Instant, RowState, Session,
    rows::{Mrn, MrnToLive},
};

pub(crate) use self::{changing::change_identifiers, deletion::delete, merging::merge};

use crate::{
    outcome::ProcessingError,
    repositories::{core_demographics, mrn_to_lives, mrns},
    source::Source,
};

const NO_IDENTIFIER: ProcessingError = ProcessingError::RequiredDataMissing("neither MRN nor NHS number");

/// What a message says of a patient's identity. Only "not there" counts as absent; an empty text is a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identifiers<'m> {
    pub(crate) mrn: Option<&'m str>,
    pub(crate) nhs_number: Option<&'m str>,
}

impl<'m> Identifiers<'m> {
    /// Of the patient whom the message is about.
    pub(crate) fn of(message: &'m Adt) -> Self {
        Self { mrn: message.mrn.as_deref(), nhs_number: message.nhs_number.as_deref() }
    }

    /// Those that were valid before the message, if it is one that changes identifiers.
    pub(crate) fn previous(message: &'m Adt) -> Self {
        let (mrn, nhs_number) = message.event.previous_identifiers().unwrap_or_default();
        Self { mrn, nhs_number }
    }
}

/// The live identifier row of a patient, created if nobody knows the patient. `known_from`: hospital time of the first
/// mention.
pub(crate) fn get_or_create_live(
    session: &mut Session,
    patient: Identifiers<'_>,
    source: Source<'_>,
    known_from: Option<Instant>,
) -> Result<i64, ProcessingError> {
    let known = find(session, patient)?;
    live_or_created(session, known, patient, source, known_from)
}

/// The same for a patient who must be named by hospital number.
pub(crate) fn get_or_create_live_by_mrn(
    session: &mut Session,
    patient: Identifiers<'_>,
    source: Source<'_>,
    known_from: Option<Instant>,
) -> Result<i64, ProcessingError> {
    let mrn = patient.mrn.ok_or(ProcessingError::RequiredDataMissing("MRN"))?;
    let known = mrns::by_mrn(session, mrn)?.cloned();
    live_or_created(session, known, patient, source, known_from)
}

/// All identifier rows with the hospital number or the NHS number: those with the hospital number first, then those
/// without any, then the oldest first. Created if there are none.
pub(crate) fn all_or_created(
    session: &mut Session,
    patient: Identifiers<'_>,
    source: Source<'_>,
    known_from: Instant,
) -> Result<Vec<i64>, ProcessingError> {
    let known = all(session, patient)?;
    if known.is_empty() {
        return Ok(vec![create(session, patient, source, Some(known_from))?]);
    }
    Ok(known.into_iter().map(|row| row.mrn_id).collect())
}

fn all(session: &mut Session, patient: Identifiers<'_>) -> Result<Vec<Mrn>, ProcessingError> {
    if patient.mrn.is_none() && patient.nhs_number.is_none() {
        return Err(NO_IDENTIFIER);
    }
    let mut rows: Vec<Mrn> = match patient.nhs_number {
        Some(number) => mrns::by_nhs_number(session, number)?.into_iter().cloned().collect(),
        None => Vec::new(),
    };
    if let Some(mrn) = patient.mrn {
        rows.extend(mrns::by_mrn(session, mrn)?.cloned());
    }
    rows.sort_by_key(|row| (row.mrn.as_deref() != patient.mrn, row.mrn.is_some(), row.mrn_id));
    rows.dedup_by_key(|row| row.mrn_id);
    Ok(rows)
}

fn live_or_created(
    session: &mut Session,
    known: Option<Mrn>,
    patient: Identifiers<'_>,
    source: Source<'_>,
    known_from: Option<Instant>,
) -> Result<i64, ProcessingError> {
    let Some(known) = known else { return create(session, patient, source, known_from) };
    let mrn_id = known.mrn_id;
    if source.is_trusted()? {
        complete(session, known, patient)?;
    }
    Ok(mrn_to_lives::of_mrn(session, mrn_id)?.live_mrn_id)
}

/// The row of a patient's identifiers: by hospital number, else by an NHS number that has no hospital number yet.
fn find(session: &mut Session, patient: Identifiers<'_>) -> Result<Option<Mrn>, ProcessingError> {
    let row = match (patient.mrn, patient.nhs_number) {
        (None, None) => return Err(NO_IDENTIFIER),
        (None, Some(nhs_number)) => mrns::by_nhs_number(session, nhs_number)?.first().copied().cloned(),
        (Some(mrn), nhs_number) => match (mrns::by_mrn(session, mrn)?.cloned(), nhs_number) {
            (None, Some(nhs_number)) => mrns::by_nhs_number_alone(session, nhs_number)?.cloned(),
            (row, _) => row,
        },
    };
    Ok(row)
}

/// A trusted source changes the NHS number and adds a hospital number where there was none.
fn complete(session: &mut Session, mut row: Mrn, patient: Identifiers<'_>) -> Result<(), ProcessingError> {
    let fills_mrn = row.mrn.is_none() && row.nhs_number.is_some() && patient.mrn.is_some();
    let changes_nhs_number = patient.nhs_number.is_some() && patient.nhs_number != row.nhs_number.as_deref();
    if changes_nhs_number {
        row.nhs_number = patient.nhs_number.map(str::to_owned);
    }
    if fills_mrn {
        row.mrn = patient.mrn.map(str::to_owned);
    }
    if fills_mrn || changes_nhs_number {
        session.put(row)?;
    }
    Ok(())
}

fn create(
    session: &mut Session,
    patient: Identifiers<'_>,
    source: Source<'_>,
    known_from: Option<Instant>,
) -> Result<i64, ProcessingError> {
    let known_from =
        known_from.ok_or(ProcessingError::Invalid("a new patient needs recordedDateTime or lastUpdated"))?;
    let stored_from = session.stored_from();
    let mrn_id = session.next_id()?;
    mrn_to_lives::none_yet(session, mrn_id);
    core_demographics::none_yet(session, mrn_id);
    session.put(Mrn {
        mrn_id,
        mrn: patient.mrn.map(str::to_owned),
        nhs_number: patient.nhs_number.map(str::to_owned),
        research_opt_out: false,
        source_system: Some(source.system()?.to_owned()),
        stored_from,
    })?;
    let leads_to_itself = MrnToLive {
        mrn_to_live_id: session.next_id()?,
        stored_from,
        valid_from: known_from,
        live_mrn_id: mrn_id,
        mrn_id,
    };
    session.save(RowState::created(leads_to_itself, known_from))?;
    Ok(mrn_id)
}
