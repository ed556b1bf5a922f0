//! Rooms and their states.

use emap_star::{
    Session, SessionError,
    rows::{Department, Room, RoomByDepartment, RoomState, RoomStateByContact, RoomStateByRoom},
};

/// The room that a department calls by this code.
pub(crate) fn of_department<'s>(
    session: &'s mut Session,
    department_id: i64,
    hl7: &str,
) -> Result<Option<&'s Room>, SessionError> {
    let rooms = session.children::<Department, RoomByDepartment>(department_id)?;
    Ok(rooms.into_iter().find(|room| room.hl7string == hl7))
}

/// All periods of a room.
pub(crate) fn states(session: &mut Session, room_id: i64) -> Result<Vec<&RoomState>, SessionError> {
    session.children::<Room, RoomStateByRoom>(room_id)
}

/// The period with a contact number, of whatever room.
pub(crate) fn state_by_contact(
    session: &mut Session,
    contact: i64,
) -> Result<Option<&RoomState>, SessionError> {
    session.find_one::<RoomStateByContact>(&contact)
}
