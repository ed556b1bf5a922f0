//! Departments with their rooms and beds.

use emap_interchange::{DepartmentMetadata, LocationMetadata};
use emap_star::{
    Session, SessionError,
    rows::{
        BedByRoom, BedStateByBed, BedStateByContact, DepartmentByNumber, DepartmentStateByDepartment,
        FacilityByState, LocationByString, RoomByDepartment, RoomStateByContact, RoomStateByRoom,
    },
};

use super::{collect, ids};
use crate::controllers::places::locations;

/// What messages describe.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Location strings of which the meaning may change.
    linked: Vec<String>,
    /// Departments that messages describe.
    described: Vec<i64>,
    rooms: Vec<Room>,
    /// Departments of places, whether a room is named or not.
    departments: Vec<i64>,
    room_contacts: Vec<i64>,
    bed_contacts: Vec<i64>,
}

/// A room, and perhaps a bed in it.
#[derive(Debug)]
struct Room {
    department: i64,
    hl7: String,
    bed: Option<String>,
}

impl Places {
    pub(super) fn announce(&mut self, message: &LocationMetadata) {
        self.linked.extend(message.hl7_string.clone());
        self.departments.extend(message.department_id);
        let (room, bed) = (message.room_metadata.as_deref(), message.bed_metadata.as_deref());
        self.room_contacts.extend(room.and_then(|room| room.room_csn));
        self.bed_contacts.extend(bed.and_then(|bed| bed.bed_csn));
        if let (Some(department), Some(hl7)) =
            (message.department_id, room.and_then(|room| room.room_hl7.clone()))
        {
            self.rooms.push(Room { department, hl7, bed: bed.and_then(|bed| bed.bed_hl7.clone()) });
        }
    }

    pub(super) fn announce_department(&mut self, message: &DepartmentMetadata) {
        self.described.extend(message.department_id);
        self.linked.extend(message.department_hl7.as_deref().map(locations::whole_department));
    }

    /// Departments of which nobody else may touch anything meanwhile, in order.
    pub(super) fn departments(&self) -> Vec<i64> {
        let mut departments = [self.described.as_slice(), &self.departments].concat();
        departments.sort_unstable();
        departments.dedup();
        departments
    }

    pub(super) fn prefetch(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch_anew::<LocationByString>(self.linked.iter().cloned())?;
        session.prefetch::<DepartmentByNumber>(self.departments())?;
        let described = collect(&self.described, |number| departments(session, *number));
        session.prefetch::<DepartmentStateByDepartment>(described)?;
        session.prefetch::<RoomStateByContact>(self.room_contacts.iter().copied())?;
        session.prefetch::<BedStateByContact>(self.bed_contacts.iter().copied())?;
        self.prefetch_rooms(session)
    }

    fn prefetch_rooms(&self, session: &mut Session) -> Result<(), SessionError> {
        let owners = collect(&self.rooms, |room| departments(session, room.department));
        session.prefetch::<RoomByDepartment>(owners)?;
        let rooms = collect(&self.rooms, |room| room.ids(session));
        session.prefetch::<RoomStateByRoom>(rooms.iter().copied())?;
        session.prefetch::<BedByRoom>(rooms)?;
        let beds = collect(&self.rooms, |room| room.beds(session));
        session.prefetch::<BedStateByBed>(beds.iter().copied())?;
        let states =
            collect(&beds, |bed| ids(session.in_memory_rows::<BedStateByBed>(bed), |row| row.bed_state_id));
        session.prefetch::<FacilityByState>(states)
    }
}

fn departments(session: &Session, number: i64) -> Vec<i64> {
    ids(session.in_memory_rows::<DepartmentByNumber>(&number), |row| row.department_id)
}

impl Room {
    fn ids(&self, session: &Session) -> Vec<i64> {
        collect(&departments(session, self.department), |department| {
            let rooms = session.in_memory_rows::<RoomByDepartment>(department);
            ids(rooms.filter(|room| room.hl7string == self.hl7), |room| room.room_id)
        })
    }

    fn beds(&self, session: &Session) -> Vec<i64> {
        collect(&self.ids(session), |room| {
            let beds = session.in_memory_rows::<BedByRoom>(room);
            ids(beds.filter(|bed| Some(&bed.hl7string) == self.bed.as_ref()), |bed| bed.bed_id)
        })
    }
}
