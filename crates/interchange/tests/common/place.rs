//! Departments, rooms and beds.

use emap_interchange::{BedMetadata, DepartmentMetadata, EpicRecordStatus, LocationMetadata, RoomMetadata};
use proptest::{option, prelude::*};

use super::{
    record::record,
    value::{maybe_constant, maybe_instant, maybe_text},
};

pub(crate) fn location() -> BoxedStrategy<LocationMetadata> {
    record!(LocationMetadata {
        hl7_string: maybe_text(),
        department_id: option::of(any::<i64>()),
        room_metadata: option::of(room().prop_map(Box::new)),
        bed_metadata: option::of(bed().prop_map(Box::new)),
    })
}

fn room() -> BoxedStrategy<RoomMetadata> {
    record!(RoomMetadata {
        room_csn: option::of(any::<i64>()),
        is_room_ready: option::of(any::<bool>()),
        room_contact_date: maybe_instant(),
        room_record_state: maybe_constant(EpicRecordStatus::ALL),
        room_hl7: maybe_text(),
        room_name: maybe_text(),
    })
}

fn bed() -> BoxedStrategy<BedMetadata> {
    record!(BedMetadata {
        bed_csn: option::of(any::<i64>()),
        bed_hl7: maybe_text(),
        bed_contact_date: maybe_instant(),
        bed_record_state: maybe_constant(EpicRecordStatus::ALL),
        is_pool_bed: option::of(any::<bool>()),
        is_bunk_bed: option::of(any::<bool>()),
        bed_is_in_census: option::of(any::<bool>()),
        bed_facility: maybe_text(),
    })
}

pub(crate) fn department() -> BoxedStrategy<DepartmentMetadata> {
    record!(DepartmentMetadata {
        department_hl7: maybe_text(),
        department_record_status: maybe_constant(EpicRecordStatus::ALL),
        department_contact_date: maybe_instant(),
        department_name: maybe_text(),
        department_id: option::of(any::<i64>()),
        department_speciality: maybe_text(),
        speciality_update: maybe_instant(),
        previous_department_speciality: maybe_text(),
        combined_update: maybe_instant(),
    })
}
