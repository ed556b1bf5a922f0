//! A patient who gets other numbers.

use emap_star::rows::MrnId;

use super::{
    identifiers::{all, get_or_create_all},
    merging::merge,
};
use crate::{
    failure::Failure,
    rules::repositories::identity::{self, Identifiers},
    scope::Scope,
};

/// Replaces the previous numbers by the new ones. New numbers that someone has already make one patient of both.
pub(crate) fn change_identifiers(
    scope: &mut Scope<'_, '_>,
    new: Identifiers<'_>,
    previous: Identifiers<'_>,
) -> Result<(), Failure> {
    let owners = all(scope, new)?;
    let changed = get_or_create_all(scope, previous)?;
    let in_use = match new.mrn {
        Some(mrn) => owners.iter().any(|row| row.mrn.as_deref() == Some(mrn)),
        None => !owners.is_empty(),
    };
    if !in_use {
        record(scope, &changed, new, owners.is_empty())?;
    }
    let Some(&surviving) = owners.first().map(|row| &row.mrn_id).or(changed.first()) else { return Ok(()) };
    let live_mrn_id = identity::lead_of(scope.rows, surviving)?.live_mrn_id;
    merge(scope, live_mrn_id, &changed)
}

/// Writes the new numbers over the previous ones. A hospital number belongs to one row, an NHS number that nobody had
/// to all of the patient's.
fn record(
    scope: &mut Scope<'_, '_>,
    changed: &[MrnId],
    new: Identifiers<'_>,
    nhs_number_is_new: bool,
) -> Result<(), Failure> {
    for (place, &mrn_id) in changed.iter().enumerate() {
        let mut row = identity::by_id(scope.rows, mrn_id)?.clone();
        if let Some(mrn) = new.mrn.filter(|_| place == 0) {
            row.mrn = Some(mrn.to_owned());
        }
        if let Some(number) = new.nhs_number.filter(|_| place == 0 || nhs_number_is_new) {
            row.nhs_number = Some(number.to_owned());
        }
        scope.rows.put(row)?;
    }
    Ok(())
}
