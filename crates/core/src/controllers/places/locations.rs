//! Location strings, and the department, room and bed that each of them means.

use emap_star::{Session, rows::Location};

use crate::{outcome::ProcessingError, repositories::locations};

/// The place with a location string, got or created.
pub(crate) fn named(session: &mut Session, hl7: Option<&str>) -> Result<Location, ProcessingError> {
    let hl7 = hl7.ok_or(ProcessingError::Invalid("the place has no hl7String"))?;
    Ok(locations::got_or_created(session, hl7)?)
}

/// The place means these. What it means already it means for good.
pub(crate) fn link(
    session: &mut Session,
    place: &Location,
    department_id: i64,
    room_id: Option<i64>,
    bed_id: Option<i64>,
) -> Result<(), ProcessingError> {
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

fn one(
    known: Option<i64>,
    said: Option<i64>,
    contradiction: &'static str,
) -> Result<Option<i64>, ProcessingError> {
    match (known, said) {
        (Some(known), Some(said)) if known != said => Err(ProcessingError::IncompatibleState(contradiction)),
        _ => Ok(known.or(said)),
    }
}

/// The place that is a department as a whole. One that is known stays as it is.
pub(crate) fn of_department(
    session: &mut Session,
    hl7: &str,
    department_id: i64,
) -> Result<(), ProcessingError> {
    let string = whole_department(hl7);
    if locations::by_string(session, &string)?.is_none() {
        let place = locations::got_or_created(session, &string)?;
        session.put(Location { department_id: Some(department_id), ..place })?;
    }
    Ok(())
}

/// The location string of a department without a room and a bed.
pub(crate) fn whole_department(hl7: &str) -> String {
    format!("{hl7}^null^null")
}
