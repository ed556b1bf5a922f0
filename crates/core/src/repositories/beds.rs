//! Beds, their states, and what they offer.

use emap_star::{
    Session, SessionError,
    rows::{Bed, BedByRoom, BedFacility, BedState, BedStateByBed, BedStateByContact, FacilityByState, Room},
};

/// The bed that a room calls by this code.
pub(crate) fn of_room<'s>(
    session: &'s mut Session,
    room_id: i64,
    hl7: &str,
) -> Result<Option<&'s Bed>, SessionError> {
    let beds = session.children::<Room, BedByRoom>(room_id)?;
    Ok(beds.into_iter().find(|bed| bed.hl7string == hl7))
}

/// All periods of a bed.
pub(crate) fn states(session: &mut Session, bed_id: i64) -> Result<Vec<&BedState>, SessionError> {
    session.children::<Bed, BedStateByBed>(bed_id)
}

/// The period with a contact number, of whatever bed.
pub(crate) fn state_by_contact(
    session: &mut Session,
    contact: i64,
) -> Result<Option<&BedState>, SessionError> {
    session.find_one::<BedStateByContact>(&contact)
}

/// What a bed offers during a period.
pub(crate) fn facilities(
    session: &mut Session,
    bed_state_id: i64,
) -> Result<Vec<&BedFacility>, SessionError> {
    session.children::<BedState, FacilityByState>(bed_state_id)
}
