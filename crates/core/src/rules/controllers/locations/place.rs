//! Places, by their `department^room^bed` string.

use emap_star::{Session, SessionError, rows::Location};

use crate::rules::repositories::locations;

/// The place with this string; a new one means no department, room or bed yet.
pub(crate) fn get_or_create_place(
    session: &mut Session,
    location_string: &str,
) -> Result<Location, SessionError> {
    if let Some(known) = locations::by_string(session, location_string)? {
        return Ok(known.clone());
    }
    let location = Location {
        location_id: session.next_id()?,
        location_string: location_string.to_owned(),
        department_id: None,
        room_id: None,
        bed_id: None,
    };
    session.put(location.clone())?;
    Ok(location)
}
