//! Location strings, and the department, room and bed that each of them means.

use emap_star::{
    MessageScope,
    rows::{BedId, DepartmentId, Location, RoomId},
};

use super::agreed::agreed;
use crate::{
    failure::{Failure, required},
    rules::{
        controllers::locations::get_or_create_place as get_or_create,
        repositories::{locations, places},
    },
};

/// The place with a location string.
pub(crate) fn get_or_create_place(
    rows: &mut MessageScope<'_>,
    hl7: Option<&str>,
) -> Result<Location, Failure> {
    let hl7 = required(hl7, "hl7String")?;
    Ok(get_or_create(rows, hl7)?)
}

/// The place means these. What it means already it means for good.
pub(crate) fn link(
    rows: &mut MessageScope<'_>,
    place: &Location,
    department_id: DepartmentId,
    room_id: Option<RoomId>,
    bed_id: Option<BedId>,
) -> Result<(), Failure> {
    let linked = Location {
        department_id: agreed(
            place.department_id,
            Some(department_id),
            "the place belongs to another department",
        )?,
        room_id: agreed(place.room_id, room_id, "the place belongs to another room")?,
        bed_id: agreed(place.bed_id, bed_id, "the place is another bed")?,
        ..place.clone()
    };
    if linked != *place {
        rows.put(linked)?;
    }
    Ok(())
}

/// The place that is a department as a whole. One that is known stays as it is.
pub(crate) fn link_whole_department(
    rows: &mut MessageScope<'_>,
    hl7: &str,
    department_id: DepartmentId,
) -> Result<(), Failure> {
    let string = places::whole_department(hl7);
    if locations::by_string(rows, &string)?.is_none() {
        let place = get_or_create(rows, &string)?;
        rows.put(Location { department_id: Some(department_id), ..place })?;
    }
    Ok(())
}
