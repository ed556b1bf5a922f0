//! Rooms. A room is known by its code within its department and keeps its name.

use emap_interchange::RoomMetadata;
use emap_star::{
    MessageScope,
    rows::{DepartmentId, Room, RoomId, RoomState},
};

use super::period::{append, latest};
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
    if let Some(known) = places::room_of_department(rows, department_id, hl7)? {
        if known.name.is_some() && known.name != message.room_name {
            return Err(Cause::IncompatibleState("the room has another name").into());
        }
        return Ok(known.room_id);
    }
    let room_id = rows.next_id()?;
    rows.put(Room { name: message.room_name.clone(), ..Room::new(room_id, hl7.to_owned(), department_id) })?;
    Ok(room_id)
}

/// A state that is known by its contact number never changes.
fn note_state(rows: &mut MessageScope<'_>, room_id: RoomId, message: &RoomMetadata) -> Result<(), Failure> {
    let csn = required(message.room_csn, "roomCsn")?;
    let states = places::room_states(rows, room_id)?;
    if states.iter().any(|state| state.csn == csn) {
        return Ok(());
    }
    let latest = latest(states);
    if places::room_state_by_contact(rows, csn)?.is_some() {
        return Err(Cause::Invalid("the roomCsn belongs to another room").into());
    }
    let valid_from = required(message.room_contact_date, "roomContactDate")?;
    let new = RoomState {
        is_ready: message.is_room_ready,
        status: message.room_record_state.map(|status| status.display_text().to_owned()),
        ..RoomState::new(rows.next_id()?, rows.stored_from(), valid_from, csn, room_id)
    };
    append(rows, latest, new)
}
