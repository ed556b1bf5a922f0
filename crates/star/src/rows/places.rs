//! Departments, rooms and beds.

use chrono::{DateTime, Utc};

use crate::star_table::star_table;

star_table! {
    /// A ward, clinic or other department.
    Department: plain,
    known_by [internal_id],
    columns {
        /// Code of the department in the first part of location strings; null until its description
        /// arrives.
        hl7string: Option<String> => (Nullable<Varchar>),
        /// Number of the department in the source system; unique.
        internal_id: i64 => (BigInt),
        /// Name for people; null until its description arrives.
        name: Option<String> => (Nullable<Varchar>),
    }
    lookups {
        /// The department with a number in the source system.
        unique DepartmentByNumber: internal_id => i64,
    }
}

star_table! {
    /// A period in which the status and the speciality of a department stayed the same.
    DepartmentState: state,
    known_by [department_id, valid_from],
    columns {
        /// Clinical speciality in this period.
        speciality: Option<String> => (Nullable<Varchar>),
        /// Record status in the source system, for example `Active` or `Deleted and Hidden`.
        status: Option<String> => (Nullable<Varchar>),
        /// The department.
        department_id: DepartmentId => (BigInt),
    }
    lookups {
        /// Periods of a department.
        many DepartmentStateByDepartment: department_id => DepartmentId,
    }
}

star_table! {
    /// A status and a speciality of a department as a message reported them; `department_state` is derived
    /// from these rows.
    DepartmentEvent: plain,
    known_by [department_id, event_datetime, speciality],
    columns {
        /// When the star database first stored it.
        stored_from: DateTime<Utc> => (Timestamptz),
        /// Date of the record: since then the former speciality was known, the earliest if it was reported
        /// repeatedly.
        contact_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Since when the speciality holds.
        event_datetime: DateTime<Utc> => (Timestamptz),
        /// Speciality before, if the message says so.
        previous_speciality: Option<String> => (Nullable<Varchar>),
        /// Identifier of the first message that reported it; null if deduced from periods stored earlier.
        source_id: Option<String> => (Nullable<Varchar>),
        /// Clinical speciality.
        speciality: Option<String> => (Nullable<Varchar>),
        /// Record status in the source system, for example `Active` or `Deleted and Hidden`.
        status: Option<String> => (Nullable<Varchar>),
        /// The department.
        department_id: DepartmentId => (BigInt),
    }
    lookups {
        /// What was reported of a department.
        many DepartmentEventByDepartment: department_id => DepartmentId,
    }
}

star_table! {
    /// A room or bay of a department.
    Room: plain,
    known_by [department_id, hl7string],
    columns {
        /// Code of the room in the second part of location strings.
        hl7string: String => (Varchar),
        /// Name for people.
        name: Option<String> => (Nullable<Varchar>),
        /// The department the room belongs to.
        department_id: DepartmentId => (BigInt),
    }
    lookups {
        /// Rooms of a department.
        many RoomByDepartment: department_id => DepartmentId,
    }
}

star_table! {
    /// A period in which the status of a room stayed the same.
    RoomState: state,
    known_by [csn],
    columns {
        /// Contact number of this state in the source system; unique.
        csn: i64 => (BigInt),
        /// Whether the room can be used.
        is_ready: Option<bool> => (Nullable<Bool>),
        /// Record status in the source system, for example `Active` or `Hidden`.
        status: Option<String> => (Nullable<Varchar>),
        /// The room.
        room_id: RoomId => (BigInt),
    }
    lookups {
        /// The period with a contact number, of whatever room.
        shared_unique RoomStateByContact: csn => i64,
        /// Periods of a room.
        many RoomStateByRoom: room_id => RoomId,
    }
}

star_table! {
    /// A bed of a room.
    Bed: plain,
    known_by [room_id, hl7string],
    columns {
        /// Code of the bed in the third part of location strings.
        hl7string: String => (Varchar),
        /// The room the bed stands in.
        room_id: RoomId => (BigInt),
    }
    lookups {
        /// Beds of a room.
        many BedByRoom: room_id => RoomId,
    }
}

star_table! {
    /// A period in which the status of a bed stayed the same.
    BedState: state,
    known_by [csn],
    columns {
        /// Contact number of this state in the source system, for pool beds that of the first one met;
        /// unique.
        csn: i64 => (BigInt),
        /// True for a second bed record that doubles up an occupied bed.
        is_bunk: Option<bool> => (Nullable<Bool>),
        /// True when a patient in this bed counts as staying there; false for places passed through, such
        /// as imaging.
        is_in_census: Option<bool> => (Nullable<Bool>),
        /// Number of beds in the pool for shared waiting places; null for ordinary beds.
        pool_bed_count: Option<i64> => (Nullable<BigInt>),
        /// Record status in the source system, for example `Active` or `Hidden`.
        status: Option<String> => (Nullable<Varchar>),
        /// The bed.
        bed_id: BedId => (BigInt),
    }
    lookups {
        /// The period with a contact number, of whatever bed.
        shared_unique BedStateByContact: csn => i64,
        /// Periods of a bed.
        many BedStateByBed: bed_id => BedId,
    }
}

star_table! {
    /// Something a bed offers during one of its states.
    BedFacility: plain,
    known_by [bed_state_id, r#type],
    columns {
        /// Name of the facility as sent, for example oxygen.
        r#type: String => (Varchar),
        /// The state of the bed.
        bed_state_id: BedStateId => (BigInt),
    }
    lookups {
        /// What a bed offers during a period.
        many FacilityByState: bed_state_id => BedStateId,
    }
}
