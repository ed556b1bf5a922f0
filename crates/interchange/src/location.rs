//! Departments, rooms and beds.

use crate::{codes::EpicRecordStatus, types::Instant, wire::declare::record};

record! {
    /// The data of the hospital system about a place: its department, room and bed.
    pub struct LocationMetadata as "location.LocationMetadata" {
        /// The place, `department^room^bed`, with the text `null` for a level that is missing.
        hl7_string = "hl7String": Option<String>,
        /// The hospital system's id of the department.
        department_id = "departmentId": Option<i64>,
        /// The room, if it is known.
        room_metadata = "roomMetadata": Option<Box<RoomMetadata>>,
        /// The bed, if it is known.
        bed_metadata = "bedMetadata": Option<Box<BedMetadata>>,
    }
}

record! {
    /// One version of a room.
    pub struct RoomMetadata as "location.RoomMetadata" {
        /// Id of the version.
        room_csn = "roomCsn": Option<i64>,
        /// Whether the room may be used.
        is_room_ready = "isRoomReady": Option<bool>,
        /// Since when the version holds.
        room_contact_date = "roomContactDate": Option<Instant>,
        /// State of the record.
        room_record_state = "roomRecordState": Option<EpicRecordStatus>,
        /// The room in HL7.
        room_hl7 = "roomHl7": Option<String>,
        /// Its name.
        room_name = "roomName": Option<String>,
    }
}

record! {
    /// One version of a bed.
    pub struct BedMetadata as "location.BedMetadata" {
        /// Id of the version.
        bed_csn = "bedCsn": Option<i64>,
        /// The bed in HL7.
        bed_hl7 = "bedHl7": Option<String>,
        /// Since when the version holds.
        bed_contact_date = "bedContactDate": Option<Instant>,
        /// State of the record.
        bed_record_state = "bedRecordState": Option<EpicRecordStatus>,
        /// Whether it is one of several places without a bed of their own.
        is_pool_bed = "isPoolBed": Option<bool>,
        /// Whether it is a bunk.
        is_bunk_bed = "isBunkBed": Option<bool>,
        /// Whether it counts as a bed of the hospital.
        bed_is_in_census = "bedIsInCensus": Option<bool>,
        /// What is at the bed.
        bed_facility = "bedFacility": Option<String>,
    }
}

record! {
    /// One version of a department.
    // What some peers add about its kind is not stored.
    pub struct DepartmentMetadata as "location.DepartmentMetadata"
        ignoring [
            "departmentType" unreleased, "isWardOrFlowArea" unreleased, "isCoreInpatientArea" unreleased,
            "siteLocation" unreleased
        ]
    {
        /// The department in HL7.
        department_hl7 = "departmentHl7": Option<String>,
        /// State of the record.
        department_record_status = "departmentRecordStatus": Option<EpicRecordStatus>,
        /// Since when the version holds.
        department_contact_date = "departmentContactDate": Option<Instant>,
        /// Its name.
        department_name = "departmentName": Option<String>,
        /// The hospital system's id.
        department_id = "departmentId": Option<i64>,
        /// Its speciality.
        department_speciality = "departmentSpeciality": Option<String>,
        /// Since when that is its speciality.
        speciality_update = "specialityUpdate": Option<Instant>,
        /// Its speciality before.
        previous_department_speciality = "previousDepartmentSpeciality": Option<String>,
        /// Latest of all changes; to find faults only.
        combined_update = "combinedUpdate": Option<Instant>,
    }
}
