//! Who a message is about: identifiers got or created, and followed to the one in force.

use emap_star::{
    Instant, RowState,
    rows::{Mrn, MrnId, MrnToLive},
};

use crate::{
    failure::{Failure, required},
    rules::repositories::identity::{self, Identifiers},
    scope::Scope,
};

/// What the reason calls a patient who is named by no number at all.
const ANY_IDENTIFIER: &str = "neither MRN nor NHS number";

/// The live identifier row of a patient, created if the patient is not known. `known_from`: hospital time of the first
/// mention.
pub(crate) fn get_or_create_live(
    scope: &mut Scope<'_, '_>,
    patient: Identifiers<'_>,
    known_from: Option<Instant>,
) -> Result<MrnId, Failure> {
    let known = find(scope, patient)?;
    lead_or_create(scope, known, patient, known_from)
}

/// The same for a patient who must be named by hospital number.
pub(crate) fn get_or_create_live_by_mrn(
    scope: &mut Scope<'_, '_>,
    mrn: &str,
    patient: Identifiers<'_>,
    known_from: Option<Instant>,
) -> Result<MrnId, Failure> {
    let known = identity::by_mrn(scope.rows, mrn)?.cloned();
    lead_or_create(scope, known, patient, known_from)
}

/// All identifier rows with the hospital number or the NHS number: those with the hospital number first, then those
/// without any, then the oldest first. Created if there are none.
pub(crate) fn get_or_create_all(
    scope: &mut Scope<'_, '_>,
    patient: Identifiers<'_>,
) -> Result<Vec<MrnId>, Failure> {
    let known = all(scope, patient)?;
    if known.is_empty() {
        let known_from = Some(scope.message_time);
        return Ok(vec![create(scope, patient, known_from)?]);
    }
    Ok(known.into_iter().map(|row| row.mrn_id).collect())
}

/// All identifier rows with the hospital number or the NHS number, in the order above.
pub(super) fn all(scope: &mut Scope<'_, '_>, patient: Identifiers<'_>) -> Result<Vec<Mrn>, Failure> {
    required(patient.mrn.or(patient.nhs_number), ANY_IDENTIFIER)?;
    let mut rows: Vec<Mrn> = match patient.nhs_number {
        Some(number) => identity::by_nhs_number(scope.rows, number)?.into_iter().cloned().collect(),
        None => Vec::new(),
    };
    if let Some(mrn) = patient.mrn {
        rows.extend(identity::by_mrn(scope.rows, mrn)?.cloned());
    }
    rows.sort_by_key(|row| (row.mrn.as_deref() != patient.mrn, row.mrn.is_some(), row.mrn_id));
    rows.dedup_by_key(|row| row.mrn_id);
    Ok(rows)
}

fn lead_or_create(
    scope: &mut Scope<'_, '_>,
    known: Option<Mrn>,
    patient: Identifiers<'_>,
    known_from: Option<Instant>,
) -> Result<MrnId, Failure> {
    let Some(known) = known else { return create(scope, patient, known_from) };
    let mrn_id = known.mrn_id;
    if scope.source.is_trusted()? {
        complete(scope, known, patient)?;
    }
    Ok(identity::lead_of(scope.rows, mrn_id)?.live_mrn_id)
}

/// The row of a patient's identifiers: by hospital number, else by an NHS number that has no hospital number yet.
fn find(scope: &mut Scope<'_, '_>, patient: Identifiers<'_>) -> Result<Option<Mrn>, Failure> {
    required(patient.mrn.or(patient.nhs_number), ANY_IDENTIFIER)?;
    let row = match (patient.mrn, patient.nhs_number) {
        (None, None) => None,
        (None, Some(nhs_number)) => {
            identity::by_nhs_number(scope.rows, nhs_number)?.first().copied().cloned()
        }
        (Some(mrn), nhs_number) => match (identity::by_mrn(scope.rows, mrn)?.cloned(), nhs_number) {
            (None, Some(nhs_number)) => identity::by_nhs_number_alone(scope.rows, nhs_number)?.cloned(),
            (row, _) => row,
        },
    };
    Ok(row)
}

/// A trusted source changes the NHS number and adds a hospital number where there was none.
fn complete(scope: &mut Scope<'_, '_>, mut row: Mrn, patient: Identifiers<'_>) -> Result<(), Failure> {
    let fills_mrn = row.mrn.is_none() && row.nhs_number.is_some() && patient.mrn.is_some();
    let changes_nhs_number = patient.nhs_number.is_some() && patient.nhs_number != row.nhs_number.as_deref();
    if changes_nhs_number {
        row.nhs_number = patient.nhs_number.map(str::to_owned);
    }
    if fills_mrn {
        row.mrn = patient.mrn.map(str::to_owned);
    }
    if fills_mrn || changes_nhs_number {
        scope.rows.put(row)?;
    }
    Ok(())
}

fn create(
    scope: &mut Scope<'_, '_>,
    patient: Identifiers<'_>,
    known_from: Option<Instant>,
) -> Result<MrnId, Failure> {
    let known_from = required(known_from, "recordedDateTime or lastUpdated of a new patient")
        .map_err(Failure::undoing_the_message)?;
    let stored_from = scope.rows.stored_from();
    let mrn_id = scope.rows.next_id()?;
    identity::nothing_refers_to(scope.rows, mrn_id);
    scope.rows.put(Mrn {
        mrn: patient.mrn.map(str::to_owned),
        nhs_number: patient.nhs_number.map(str::to_owned),
        source_system: Some(scope.source.system()?.to_owned()),
        ..Mrn::new(mrn_id, false, stored_from)
    })?;
    let leads_to_itself = MrnToLive::new(scope.rows.next_id()?, mrn_id, mrn_id);
    scope.rows.save(RowState::created(leads_to_itself, known_from))?;
    Ok(mrn_id)
}
