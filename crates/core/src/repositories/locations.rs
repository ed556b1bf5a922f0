//! Places, by their `department^room^bed` string.

use emap_star::{
    Session, SessionError,
    rows::{Location, LocationByString},
};

/// The place with this string.
pub(crate) fn by_string<'s>(
    session: &'s mut Session,
    location_string: &str,
) -> Result<Option<&'s Location>, SessionError> {
    // Stores that other software filled may hold a string twice; the oldest row counts.
    Ok(session.find::<LocationByString>(&location_string.to_owned())?.first().copied())
}

/// The place with this string, got or created.
pub(crate) fn got_or_created(session: &mut Session, location_string: &str) -> Result<Location, SessionError> {
    if let Some(known) = by_string(session, location_string)? {
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

/// The place with this primary key.
pub(crate) fn by_id(session: &mut Session, location_id: i64) -> Result<&Location, SessionError> {
    session.get::<Location>(location_id)
}
