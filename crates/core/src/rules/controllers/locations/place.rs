//! Places, by their `department^room^bed` string.

use emap_star::{MessageScope, SessionError, rows::Location};

use crate::rules::repositories::locations;

/// The place with this string; a new one means no department, room or bed yet.
pub(crate) fn get_or_create_place(
    rows: &mut MessageScope<'_>,
    location_string: &str,
) -> Result<Location, SessionError> {
    if let Some(known) = locations::by_string(rows, location_string)? {
        return Ok(known.clone());
    }
    let location = Location::new(rows.next_id()?, location_string.to_owned());
    rows.put(location.clone())?;
    Ok(location)
}
