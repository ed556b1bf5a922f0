//! Departments, rooms and beds, and the location strings that name them.

use emap_interchange::{DepartmentMetadata, LocationMetadata};
use emap_star::Session;

use crate::{
    controllers::places::{beds, departments, locations, rooms},
    outcome::ProcessingError,
};

/// Place, department, room, bed, then the links from the place to the others.
pub(crate) fn process_location(
    session: &mut Session,
    message: &LocationMetadata,
) -> Result<(), ProcessingError> {
    let place = locations::named(session, message.hl7_string.as_deref())?;
    let department = departments::mentioned(session, message.department_id)?;
    let room = match message.room_metadata.as_deref() {
        Some(room) => Some(rooms::update(session, department, room)?),
        None => None,
    };
    let bed = match message.bed_metadata.as_deref() {
        Some(bed) => Some(beds::update(session, room, bed)?),
        None => None,
    };
    locations::link(session, &place, department, room, bed)
}

/// Department, the place that is the department as a whole, then the department's state.
pub(crate) fn process_department(
    session: &mut Session,
    message: &DepartmentMetadata,
) -> Result<(), ProcessingError> {
    let department = departments::describe(session, message)?;
    if let Some(hl7) = &message.department_hl7 {
        locations::of_department(session, hl7, department)?;
    }
    departments::note_state(session, department, message)
}
