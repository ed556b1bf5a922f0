//! Beds. A bed is known by its code within its room. A pool bed stands for several places without a bed of their own.

use emap_interchange::BedMetadata;
use emap_star::{
    MessageScope,
    rows::{Bed, BedFacility, BedId, BedState, BedStateId, RoomId},
};

use super::period::sort_in;
use crate::{
    failure::{Cause, Failure, required},
    rules::repositories::places,
};

/// Notes the bed, the state it is in and what it offers. Gives its primary key.
pub(crate) fn update(
    rows: &mut MessageScope<'_>,
    room_id: Option<RoomId>,
    message: &BedMetadata,
) -> Result<BedId, Failure> {
    let room_id = required(room_id, "room of the bed").map_err(Failure::undoing_the_message)?;
    let bed_id = get_or_create(rows, room_id, message)?;
    let bed_state_id = note_state(rows, bed_id, message)?;
    if let Some(facility) = &message.bed_facility {
        note_facility(rows, bed_state_id, facility)?;
    }
    Ok(bed_id)
}

fn get_or_create(
    rows: &mut MessageScope<'_>,
    room_id: RoomId,
    message: &BedMetadata,
) -> Result<BedId, Failure> {
    let hl7 = required(message.bed_hl7.as_deref(), "bedHl7")?;
    if let Some(known) = places::bed_of_room(rows, room_id, hl7)? {
        return Ok(known.bed_id);
    }
    let bed_id = rows.next_id()?;
    rows.put(Bed::new(bed_id, hl7.to_owned(), room_id))?;
    Ok(bed_id)
}

/// The state that a message is about: a state known by its contact number never changes, and one more bed of a pool
/// is only counted. Gives the primary key of the state.
fn note_state(
    rows: &mut MessageScope<'_>,
    bed_id: BedId,
    message: &BedMetadata,
) -> Result<BedStateId, Failure> {
    let states: Vec<_> = places::bed_states(rows, bed_id)?.into_iter().cloned().collect();
    if message.is_pool_bed == Some(true)
        && let Some(mut pool) = states.iter().find_map(|state| pool_of(state, message))
    {
        pool.pool_bed_count = pool.pool_bed_count.map(|count| count + 1);
        let bed_state_id = pool.bed_state_id;
        rows.put(pool)?;
        return Ok(bed_state_id);
    }
    let csn = required(message.bed_csn, "bedCsn")?;
    if let Some(known) = states.iter().find(|state| state.csn == csn) {
        return Ok(known.bed_state_id);
    }
    if places::bed_state_by_contact(rows, csn)?.is_some() {
        return Err(Cause::Invalid("the bedCsn belongs to another bed").into());
    }
    let is_pool_bed = required(message.is_pool_bed, "isPoolBed").map_err(Failure::undoing_the_message)?;
    let valid_from = required(message.bed_contact_date, "bedContactDate")?;
    let bed_state_id = rows.next_id()?;
    let new = BedState {
        is_bunk: message.is_bunk_bed,
        is_in_census: message.bed_is_in_census,
        pool_bed_count: is_pool_bed.then_some(1),
        status: message.bed_record_state.map(|status| status.display_text().to_owned()),
        ..BedState::new(bed_state_id, rows.stored_from(), valid_from, csn, bed_id)
    };
    sort_in(rows, &states, new)?;
    Ok(bed_state_id)
}

/// The beds of a pool come one by one, with contact numbers of their own but at one time.
fn pool_of(state: &BedState, message: &BedMetadata) -> Option<BedState> {
    let is_same = state.pool_bed_count.is_some() && Some(state.valid_from) == message.bed_contact_date;
    is_same.then(|| state.clone())
}

fn note_facility(
    rows: &mut MessageScope<'_>,
    bed_state_id: BedStateId,
    facility: &str,
) -> Result<(), Failure> {
    if places::bed_facilities(rows, bed_state_id)?.iter().any(|known| known.r#type == facility) {
        return Ok(());
    }
    let bed_facility_id = rows.next_id()?;
    rows.put(BedFacility::new(bed_facility_id, facility.to_owned(), bed_state_id))?;
    Ok(())
}
