//! Who a message is about: identifiers got or created, and followed to the one in force.

use emap_star::{
    Instant, RowState, Session,
    rows::{Mrn, MrnToLive},
};

use crate::{
    outcome::ProcessingError,
    repositories::{core_demographics, mrn_to_lives, mrns},
    source::Source,
};

/// What a message says of a patient's identity. Only "not there" counts as absent; an empty text is a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identifiers<'m> {
    pub(crate) mrn: Option<&'m str>,
    pub(crate) nhs_number: Option<&'m str>,
}

/// The live identifier row of a patient, created if nobody knows the patient. `known_from`: hospital time of the first
/// mention.
pub(crate) fn get_or_create_live(
    session: &mut Session,
    patient: Identifiers<'_>,
    source: Source<'_>,
    known_from: Option<Instant>,
) -> Result<i64, ProcessingError> {
    match find(session, patient)? {
        Some(known) => {
            let mrn_id = known.mrn_id;
            if source.is_trusted()? {
                complete(session, known, patient)?;
            }
            Ok(mrn_to_lives::of_mrn(session, mrn_id)?.live_mrn_id)
        }
        None => create(session, patient, source, known_from),
    }
}

/// The row of a patient's identifiers: by hospital number, else by an NHS number that has no hospital number yet.
fn find(session: &mut Session, patient: Identifiers<'_>) -> Result<Option<Mrn>, ProcessingError> {
    let row = match (patient.mrn, patient.nhs_number) {
        (None, None) => return Err(ProcessingError::RequiredDataMissing("neither MRN nor NHS number")),
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
        known_from.ok_or(ProcessingError::Invalid("a new patient needs the message's recordedDateTime"))?;
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
