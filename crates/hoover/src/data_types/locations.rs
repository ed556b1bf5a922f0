//! Departments, rooms and beds as places.

use emap_interchange::{BedMetadata, LocationMetadata, Message, RoomMetadata};

use crate::{
    cell::Local,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::{label, message, record_status},
};

static DEFINITION: Definition = Definition {
    name: "LocationMetadata",
    source: SourceName::Clarity,
    file: "clarity/locations.sql",
    built_in: built_in!("clarity/locations.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::OpenEnded,
    times: Times::Local,
    order: "time of the contact of the bed, else of the room, else of the department; number of that contact",
    columns: LocationRow::COLUMNS,
};

row! {
    /// One contact of a bed with its room; one contact of a room without beds; a department without rooms.
    pub struct LocationRow {
        unit_no: i64 = SqlType::BigInt, "number of the department";
        unit_hl7: String = SqlType::Varchar(50), "its code in HL7";
        unit_contact_at_local: Option<Local> = SqlType::DateTime2(0), "its first contact";
        room_hl7: Option<String> = SqlType::Varchar(50), "code of the room in HL7; null: the department has no rooms";
        room_name: Option<String> = SqlType::Varchar(100), "name of the room";
        room_contact_no: Option<i64> = SqlType::BigInt, "number of the room's contact that goes with the bed's";
        room_contact_at_local: Option<Local> = SqlType::DateTime2(0), "time of that contact";
        is_ready: Option<bool> = SqlType::Bit, "whether the room may be used";
        room_state_code: Option<i32> = SqlType::Int, "state of the room; null is active";
        room_state_label: Option<String> = SqlType::Varchar(80), "label of that state";
        bed_hl7: Option<String> = SqlType::Varchar(50), "code of the bed in HL7; null: the room has no beds";
        bed_contact_no: Option<i64> = SqlType::BigInt, "number of the bed's contact";
        bed_contact_at_local: Option<Local> = SqlType::DateTime2(0), "time of that contact";
        bed_state_code: Option<i32> = SqlType::Int, "state of the bed; null is active";
        bed_state_label: Option<String> = SqlType::Varchar(80), "label of that state";
        is_bunk: Option<bool> = SqlType::Bit, "whether it is a bunk";
        in_census: Option<bool> = SqlType::Bit, "whether it counts as a bed of the hospital";
        is_pool: Option<bool> = SqlType::Bit, "whether it is a place of a pool";
        facility_code: Option<i32> = SqlType::Int, "what is at the bed";
        facility_label: Option<String> = SqlType::Varchar(80), "label of that";
    }
}

/// Data type `LocationMetadata`.
#[derive(Debug, Clone, Copy)]
pub struct Locations;

impl LocationRow {
    fn updated_local(&self) -> Option<Local> {
        self.bed_contact_at_local.or(self.room_contact_at_local).or(self.unit_contact_at_local)
    }

    /// Number of the contact that a row is about.
    fn contact(&self) -> i64 {
        self.bed_contact_no.or(self.room_contact_no).unwrap_or(self.unit_no)
    }

    fn room(&self, scope: &Scope) -> Result<Option<Box<RoomMetadata>>, Unconvertible> {
        let Some(room_hl7) = &self.room_hl7 else { return Ok(None) };
        let state = record_status(
            self.contact(),
            self.room_state_code,
            self.room_state_label.as_deref(),
            "room_state_code",
        )?;
        Ok(Some(Box::new(RoomMetadata {
            room_csn: self.room_contact_no,
            is_room_ready: self.is_ready,
            room_contact_date: self.room_contact_at_local.map(|local| scope.clock.instant(local)),
            room_record_state: Some(state),
            room_hl7: Some(room_hl7.clone()),
            room_name: self.room_name.clone(),
        })))
    }

    fn bed(&self, scope: &Scope) -> Result<Option<Box<BedMetadata>>, Unconvertible> {
        let Some(bed_hl7) = &self.bed_hl7 else { return Ok(None) };
        let row = self.contact();
        let state =
            record_status(row, self.bed_state_code, self.bed_state_label.as_deref(), "bed_state_code")?;
        let facility = label(row, self.facility_code, self.facility_label.as_deref(), "facility_code")?;
        Ok(Some(Box::new(BedMetadata {
            bed_csn: self.bed_contact_no,
            bed_hl7: Some(bed_hl7.clone()),
            bed_contact_date: self.bed_contact_at_local.map(|local| scope.clock.instant(local)),
            bed_record_state: Some(state),
            is_pool_bed: Some(self.is_pool.unwrap_or_default()),
            is_bunk_bed: Some(self.is_bunk.unwrap_or_default()),
            bed_is_in_census: Some(self.in_census.unwrap_or_default()),
            bed_facility: facility.map(str::to_owned),
        })))
    }
}

impl QueryStrategy for Locations {
    type Row = LocationRow;
    type Record = LocationRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: LocationRow) -> LocationRow {
        row
    }

    fn updated(&self, row: &LocationRow, scope: &Scope) -> Updated {
        Updated::known(row.updated_local().map(|local| scope.clock.convert(local)))
    }

    fn row_id(&self, row: &LocationRow) -> String {
        match (row.bed_contact_no, row.room_contact_no) {
            (Some(contact), _) => contact.to_string(),
            (None, Some(contact)) => format!("room_{contact}"),
            (None, None) => format!("unit_{}", row.unit_no),
        }
    }

    fn tie(&self, first: &LocationRow, second: &LocationRow) -> std::cmp::Ordering {
        first.contact().cmp(&second.contact())
    }

    fn message(&self, row: &LocationRow, scope: &Scope) -> Result<Message, Unconvertible> {
        let part = |text: &Option<String>| text.as_deref().unwrap_or("null").to_owned();
        let payload = LocationMetadata {
            hl7_string: Some(format!("{}^{}^{}", row.unit_hl7, part(&row.room_hl7), part(&row.bed_hl7))),
            department_id: Some(row.unit_no),
            room_metadata: row.room(scope)?,
            bed_metadata: row.bed(scope)?,
        };
        Ok(message(DEFINITION.source, self.row_id(row), payload))
    }
}
