//! A patient who gets other numbers.

use emap_star::{Instant, Session};

use super::{Identifiers, all, all_or_created, merge};
use crate::{
    outcome::ProcessingError,
    repositories::{mrn_to_lives, mrns},
    source::Source,
};

/// Replaces the previous numbers by the new ones. New numbers that someone has already make one patient of both.
pub(crate) fn change_identifiers(
    session: &mut Session,
    new: Identifiers<'_>,
    previous: Identifiers<'_>,
    source: Source<'_>,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let owners = all(session, new)?;
    let changed = all_or_created(session, previous, source, message_time)?;
    let in_use = match new.mrn {
        Some(mrn) => owners.iter().any(|row| row.mrn.as_deref() == Some(mrn)),
        None => !owners.is_empty(),
    };
    if !in_use {
        record(session, &changed, new, owners.is_empty())?;
    }
    let Some(&surviving) = owners.first().map(|row| &row.mrn_id).or(changed.first()) else { return Ok(()) };
    let live_mrn_id = mrn_to_lives::of_mrn(session, surviving)?.live_mrn_id;
    merge(session, live_mrn_id, &changed, message_time)
}

/// Writes the new numbers over the previous ones. A hospital number belongs to one row, an NHS number that nobody had
/// to all of the patient's.
fn record(
    session: &mut Session,
    changed: &[i64],
    new: Identifiers<'_>,
    nhs_number_is_new: bool,
) -> Result<(), ProcessingError> {
    for (place, &mrn_id) in changed.iter().enumerate() {
        let mut row = mrns::by_id(session, mrn_id)?.clone();
        if let Some(mrn) = new.mrn.filter(|_| place == 0) {
            row.mrn = Some(mrn.to_owned());
        }
        if let Some(number) = new.nhs_number.filter(|_| place == 0 || nhs_number_is_new) {
            row.nhs_number = Some(number.to_owned());
        }
        session.put(row)?;
    }
    Ok(())
}
