//! Rooms. A room is known by its code within its department and keeps its name.

use emap_interchange::RoomMetadata;
use emap_star::{
    Session,
    rows::{Room, RoomState},
};

use super::period::{append, latest};
use crate::{outcome::ProcessingError, repositories::rooms};

/// Notes the room and the state it is in. Gives its primary key.
pub(crate) fn update(
    session: &mut Session,
    department_id: i64,
    message: &RoomMetadata,
) -> Result<i64, ProcessingError> {
    let room_id = got_or_created(session, department_id, message)?;
    note_state(session, room_id, message)?;
    Ok(room_id)
}

fn got_or_created(
    session: &mut Session,
    department_id: i64,
    message: &RoomMetadata,
) -> Result<i64, ProcessingError> {
    let hl7 = message.room_hl7.as_deref().ok_or(ProcessingError::Invalid("the room has no roomHl7"))?;
    if let Some(known) = rooms::of_department(session, department_id, hl7)? {
        if known.name.is_some() && known.name != message.room_name {
            return Err(ProcessingError::IncompatibleState("the room has another name"));
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
fn note_state(session: &mut Session, room_id: i64, message: &RoomMetadata) -> Result<(), ProcessingError> {
    let csn = message.room_csn.ok_or(ProcessingError::Invalid("the room has no roomCsn"))?;
    let states = rooms::states(session, room_id)?;
    if states.iter().any(|state| state.csn == csn) {
        return Ok(());
    }
    let latest = latest(states);
    if rooms::state_by_contact(session, csn)?.is_some() {
        return Err(ProcessingError::Invalid("the roomCsn belongs to another room"));
    }
    let valid_from =
        message.room_contact_date.ok_or(ProcessingError::Invalid("the room has no roomContactDate"))?;
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
