//! Departments, rooms and beds, their states, and what beds offer.

use emap_interchange::{DepartmentMetadata, LocationMetadata};
use emap_star::{
    Row, SessionError, UnitOfWork,
    rows::{
        Bed, BedByRoom, BedFacility, BedId, BedState, BedStateByBed, BedStateByContact, BedStateId,
        Department, DepartmentByNumber, DepartmentEvent, DepartmentEventByDepartment, DepartmentId,
        DepartmentState, DepartmentStateByDepartment, FacilityByState, LocationByString, Room,
        RoomByDepartment, RoomId, RoomState, RoomStateByContact, RoomStateByRoom,
    },
};

use super::in_memory::ids_under;

/// The location string of a department without a room and a bed.
pub(crate) fn whole_department(hl7: &str) -> String {
    format!("{hl7}^null^null")
}

/// The department with a number in the source system.
pub(crate) fn department_by_number(
    work: &mut UnitOfWork,
    number: i64,
) -> Result<Option<&Department>, SessionError> {
    // Stores that other software filled may hold a number twice; the oldest row counts.
    Ok(work.find::<DepartmentByNumber>(&number)?.first().copied())
}

/// The department with this primary key.
pub(crate) fn department(
    work: &mut UnitOfWork,
    department_id: DepartmentId,
) -> Result<&Department, SessionError> {
    work.get::<Department>(department_id)
}

/// All periods of a department.
pub(crate) fn department_states(
    work: &mut UnitOfWork,
    department_id: DepartmentId,
) -> Result<Vec<&DepartmentState>, SessionError> {
    work.children::<Department, DepartmentStateByDepartment>(department_id)
}

/// All that was reported of a department's status and speciality.
pub(crate) fn department_events(
    work: &mut UnitOfWork,
    department_id: DepartmentId,
) -> Result<Vec<&DepartmentEvent>, SessionError> {
    work.children::<Department, DepartmentEventByDepartment>(department_id)
}

/// The room that a department calls by this code.
pub(crate) fn room_of_department<'s>(
    work: &'s mut UnitOfWork,
    department_id: DepartmentId,
    hl7: &str,
) -> Result<Option<&'s Room>, SessionError> {
    let rooms = work.children::<Department, RoomByDepartment>(department_id)?;
    Ok(rooms.into_iter().find(|room| room.hl7string == hl7))
}

/// All periods of a room.
pub(crate) fn room_states(work: &mut UnitOfWork, room_id: RoomId) -> Result<Vec<&RoomState>, SessionError> {
    work.children::<Room, RoomStateByRoom>(room_id)
}

/// The period with a contact number, of whatever room.
pub(crate) fn room_state_by_contact(
    work: &mut UnitOfWork,
    contact: i64,
) -> Result<Option<&RoomState>, SessionError> {
    work.find_one::<RoomStateByContact>(&contact)
}

/// The bed that a room calls by this code.
pub(crate) fn bed_of_room<'s>(
    work: &'s mut UnitOfWork,
    room_id: RoomId,
    hl7: &str,
) -> Result<Option<&'s Bed>, SessionError> {
    let beds = work.children::<Room, BedByRoom>(room_id)?;
    Ok(beds.into_iter().find(|bed| bed.hl7string == hl7))
}

/// All periods of a bed.
pub(crate) fn bed_states(work: &mut UnitOfWork, bed_id: BedId) -> Result<Vec<&BedState>, SessionError> {
    work.children::<Bed, BedStateByBed>(bed_id)
}

/// The period with a contact number, of whatever bed.
pub(crate) fn bed_state_by_contact(
    work: &mut UnitOfWork,
    contact: i64,
) -> Result<Option<&BedState>, SessionError> {
    work.find_one::<BedStateByContact>(&contact)
}

/// What a bed offers during a period.
pub(crate) fn bed_facilities(
    work: &mut UnitOfWork,
    bed_state_id: BedStateId,
) -> Result<Vec<&BedFacility>, SessionError> {
    work.children::<BedState, FacilityByState>(bed_state_id)
}

/// What messages describe.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    /// Location strings of which the meaning may change.
    linked: Vec<String>,
    /// Departments that messages describe.
    described: Vec<i64>,
    rooms: Vec<NamedRoom>,
    /// Departments of places, whether a room is named or not.
    departments: Vec<i64>,
    room_contacts: Vec<i64>,
    bed_contacts: Vec<i64>,
}

/// A room, and perhaps a bed in it, as a message names them.
#[derive(Debug)]
struct NamedRoom {
    department: i64,
    hl7: String,
    bed: Option<String>,
}

impl Announced {
    pub(crate) fn add(&mut self, message: &LocationMetadata) {
        self.linked.extend(message.hl7_string.clone());
        self.departments.extend(message.department_id);
        let (room, bed) = (message.room_metadata.as_deref(), message.bed_metadata.as_deref());
        self.room_contacts.extend(room.and_then(|room| room.room_csn));
        self.bed_contacts.extend(bed.and_then(|bed| bed.bed_csn));
        let room_hl7 = room.and_then(|room| room.room_hl7.clone());
        if let (Some(department), Some(hl7)) = (message.department_id, room_hl7) {
            self.rooms.push(NamedRoom { department, hl7, bed: bed.and_then(|bed| bed.bed_hl7.clone()) });
        }
    }

    pub(crate) fn add_department(&mut self, message: &DepartmentMetadata) {
        self.described.extend(message.department_id);
        self.linked.extend(message.department_hl7.as_deref().map(whole_department));
    }

    /// Departments that no other process may touch meanwhile, in order.
    pub(crate) fn departments(&self) -> Vec<i64> {
        let mut departments = [self.described.as_slice(), &self.departments].concat();
        departments.sort_unstable();
        departments.dedup();
        departments
    }

    /// Location strings, departments, their rooms and beds, and the states of all these.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch_anew::<LocationByString>(self.linked.iter().cloned())?;
        work.prefetch::<DepartmentByNumber>(self.departments())?;
        let described = ids_under::<DepartmentByNumber>(work, &self.described);
        work.prefetch::<DepartmentEventByDepartment>(described.iter().copied())?;
        work.prefetch::<DepartmentStateByDepartment>(described)?;
        work.prefetch::<RoomStateByContact>(self.room_contacts.iter().copied())?;
        work.prefetch::<BedStateByContact>(self.bed_contacts.iter().copied())?;
        self.read_rooms(work)
    }

    fn read_rooms(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        let owners = ids_under::<DepartmentByNumber>(work, self.rooms.iter().map(|room| room.department));
        work.prefetch::<RoomByDepartment>(owners)?;
        let rooms: Vec<_> = self.rooms.iter().flat_map(|room| room.ids(work)).collect();
        work.prefetch::<RoomStateByRoom>(rooms.iter().copied())?;
        work.prefetch::<BedByRoom>(rooms)?;
        let beds: Vec<_> = self.rooms.iter().flat_map(|room| room.beds(work)).collect();
        work.prefetch::<BedStateByBed>(beds.iter().copied())?;
        work.prefetch::<FacilityByState>(ids_under::<BedStateByBed>(work, &beds))
    }
}

impl NamedRoom {
    fn ids(&self, work: &UnitOfWork) -> Vec<RoomId> {
        let departments = ids_under::<DepartmentByNumber>(work, [self.department]);
        let rooms = departments.iter().flat_map(|id| work.in_memory_rows::<RoomByDepartment>(id));
        rooms.filter(|room| room.hl7string == self.hl7).map(Row::id).collect()
    }

    fn beds(&self, work: &UnitOfWork) -> Vec<BedId> {
        let rooms = self.ids(work);
        let beds = rooms.iter().flat_map(|id| work.in_memory_rows::<BedByRoom>(id));
        beds.filter(|bed| Some(&bed.hl7string) == self.bed.as_ref()).map(Row::id).collect()
    }
}
