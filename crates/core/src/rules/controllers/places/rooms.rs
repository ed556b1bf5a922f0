//! Rooms. A room is known by its code within its department and keeps its name.

use emap_interchange::RoomMetadata;
use emap_star::{
    Session,
    rows::{Room, RoomState},
};

use super::period::{append, latest};
use crate::{
    failure::{Cause, Failure, required},
    rules::repositories::places,
};

/// Notes the room and the state it is in. Gives its primary key.
pub(crate) fn update(
    session: &mut Session,
    department_id: i64,
    message: &RoomMetadata,
) -> Result<i64, Failure> {
    let room_id = get_or_create(session, department_id, message)?;
    note_state(session, room_id, message)?;
    Ok(room_id)
}

fn get_or_create(session: &mut Session, department_id: i64, message: &RoomMetadata) -> Result<i64, Failure> {
    let hl7 = required(message.room_hl7.as_deref(), "roomHl7")?;
    if let Some(known) = places::room_of_department(session, department_id, hl7)? {
        if known.name.is_some() && known.name != message.room_name {
            return Err(Cause::IncompatibleState("the room has another name").into());
        }
        return Ok(known.room_id);
    }
    let room_id = session.next_id()?;
    session.put(Room {
        room_id,
        hl7string: hl7.to_owned(),
        name: message.room_name.clone(),
        department_id,
    })?;
    Ok(room_id)
}

/// A state that is known by its contact number never changes.
fn note_state(session: &mut Session, room_id: i64, message: &RoomMetadata) -> Result<(), Failure> {
    let csn = required(message.room_csn, "roomCsn")?;
    let states = places::room_states(session, room_id)?;
    if states.iter().any(|state| state.csn == csn) {
        return Ok(());
    }
    let latest = latest(states);
    if places::room_state_by_contact(session, csn)?.is_some() {
        return Err(Cause::Invalid("the roomCsn belongs to another room").into());
    }
    let valid_from = required(message.room_contact_date, "roomContactDate")?;
    let new = RoomState {
        room_state_id: session.next_id()?,
        stored_from: session.stored_from(),
        valid_from,
        stored_until: None,
        valid_until: None,
        csn,
        is_ready: message.is_room_ready,
        status: message.room_record_state.map(|status| status.display_text().to_owned()),
        room_id,
    };
    append(session, latest, new)
}
