//! Location strings, and the department, room and bed that each of them means.

use emap_star::{Session, rows::Location};

use crate::{
    failure::{Cause, Failure, required},
    rules::{
        controllers::locations::get_or_create_place as get_or_create,
        repositories::{locations, places},
    },
};

/// The place with a location string.
pub(crate) fn get_or_create_place(session: &mut Session, hl7: Option<&str>) -> Result<Location, Failure> {
    let hl7 = required(hl7, "hl7String")?;
    Ok(get_or_create(session, hl7)?)
}

/// The place means these. What it means already it means for good.
pub(crate) fn link(
    session: &mut Session,
    place: &Location,
    department_id: i64,
    room_id: Option<i64>,
    bed_id: Option<i64>,
) -> Result<(), Failure> {
    let linked = Location {
        department_id: one(
            place.department_id,
            Some(department_id),
            "the place belongs to another department",
        )?,
        room_id: one(place.room_id, room_id, "the place belongs to another room")?,
        bed_id: one(place.bed_id, bed_id, "the place is another bed")?,
        ..place.clone()
    };
    if linked != *place {
        session.put(linked)?;
    }
    Ok(())
}

fn one(known: Option<i64>, said: Option<i64>, contradiction: &'static str) -> Result<Option<i64>, Failure> {
    match (known, said) {
        (Some(known), Some(said)) if known != said => Err(Cause::IncompatibleState(contradiction).into()),
        _ => Ok(known.or(said)),
    }
}

/// The place that is a department as a whole. One that is known stays as it is.
pub(crate) fn link_whole_department(
    session: &mut Session,
    hl7: &str,
    department_id: i64,
) -> Result<(), Failure> {
    let string = places::whole_department(hl7);
    if locations::by_string(session, &string)?.is_none() {
        let place = get_or_create(session, &string)?;
        session.put(Location { department_id: Some(department_id), ..place })?;
    }
    Ok(())
}
