//! Rooms. A room is known by its code within its department and keeps its name once it has one.

use emap_interchange::RoomMetadata;
use emap_star::{
    MessageScope,
    rows::{DepartmentId, Room, RoomId, RoomState},
};

use super::{agreed::agreed_name, period::sort_in};
use crate::{
    failure::{Cause, Failure, required},
    rules::repositories::places,
};

/// Notes the room and the state it is in. Gives its primary key.
pub(crate) fn update(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
    message: &RoomMetadata,
) -> Result<RoomId, Failure> {
    let room_id = get_or_create(rows, department_id, message)?;
    note_state(rows, room_id, message)?;
    Ok(room_id)
}

fn get_or_create(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
    message: &RoomMetadata,
) -> Result<RoomId, Failure> {
    let hl7 = required(message.room_hl7.as_deref(), "roomHl7")?;
    let known = places::room_of_department(rows, department_id, hl7)?.cloned();
    let room = match &known {
        Some(known) => known.clone(),
        None => Room::new(rows.next_id()?, hl7.to_owned(), department_id),
    };
    let name = agreed_name(room.name.clone(), message.room_name.as_ref(), "the room has another name")?;
    let named = Room { name, ..room };
    let room_id = named.room_id;
    if known.as_ref() != Some(&named) {
        rows.put(named)?;
    }
    Ok(room_id)
}

/// A state that is known by its contact number never changes.
fn note_state(rows: &mut MessageScope<'_>, room_id: RoomId, message: &RoomMetadata) -> Result<(), Failure> {
    let csn = required(message.room_csn, "roomCsn")?;
    let states: Vec<_> = places::room_states(rows, room_id)?.into_iter().cloned().collect();
    if states.iter().any(|state| state.csn == csn) {
        return Ok(());
    }
    if places::room_state_by_contact(rows, csn)?.is_some() {
        return Err(Cause::Invalid("the roomCsn belongs to another room").into());
    }
    let valid_from = required(message.room_contact_date, "roomContactDate")?;
    let new = RoomState {
        is_ready: message.is_room_ready,
        status: message.room_record_state.map(|status| status.display_text().to_owned()),
        ..RoomState::new(rows.next_id()?, rows.stored_from(), valid_from, csn, room_id)
    };
    sort_in(rows, &states, new)?;
    Ok(())
}
