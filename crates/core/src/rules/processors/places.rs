//! Departments, rooms and beds, and the location strings that name them. No message time decides: states are periods
//! from one contact date to the next.

use emap_interchange::{DepartmentMetadata, LocationMetadata};

use crate::{
    failure::Failure,
    rules::controllers::places::{beds, departments, links, rooms, specialities},
    scope::Context,
};

/// Place, department, room, bed, then the links from the place to the others.
pub(crate) fn process_location(context: Context<'_, '_>, message: &LocationMetadata) -> Result<(), Failure> {
    let rows = context.rows;
    let place = links::get_or_create_place(rows, message.hl7_string.as_deref())?;
    let department = departments::get_or_create(rows, message.department_id)?;
    let room = match message.room_metadata.as_deref() {
        Some(room) => Some(rooms::update(rows, department, room)?),
        None => None,
    };
    let bed = match message.bed_metadata.as_deref() {
        Some(bed) => Some(beds::update(rows, room, bed)?),
        None => None,
    };
    links::link(rows, &place, department, room, bed)
}

/// Department, the place that is the department as a whole, then the department's state.
pub(crate) fn process_department(
    context: Context<'_, '_>,
    message: &DepartmentMetadata,
) -> Result<(), Failure> {
    let source_id = context.source.message_id;
    let rows = context.rows;
    let department = departments::describe(rows, message)?;
    if let Some(hl7) = message.department_hl7.as_ref().filter(|hl7| !hl7.is_empty()) {
        links::link_whole_department(rows, hl7, department)?;
    }
    specialities::note(rows, department, message, source_id)
}
