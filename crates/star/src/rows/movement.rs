//! Where patients are, were and shall be.

use chrono::{DateTime, Utc};

use super::{
    identity::HospitalVisitId,
    places::{BedId, DepartmentId, RoomId},
};
use crate::star_table::star_table;

star_table! {
    /// A place as HL7 names it, for example `EAST1^BAY 4^BED 2`, linked to department, room and bed once
    /// these are known.
    Location: type_table,
    known_by [location_string],
    columns {
        /// Department, room and bed joined with `^`, with the word `null` for a missing part; unique.
        location_string: String => (Varchar),
        /// The bed; null if the string names none or it is not yet known.
        bed_id: Option<BedId> => (Nullable<BigInt>),
        /// The department; null until it is known.
        department_id: Option<DepartmentId> => (Nullable<BigInt>),
        /// The room; null if the string names none or it is not yet known.
        room_id: Option<RoomId> => (Nullable<BigInt>),
    }
    lookups {
        /// Locations with a `department^room^bed` string.
        shared_unique LocationByString: location_string => String,
    }
}

star_table! {
    /// The time one visit spent at one place. Derived from `location_event`.
    LocationVisit: audited,
    known_by [hospital_visit_id, location_id, admission_datetime],
    columns {
        /// Arrival at the place.
        admission_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Departure from the place; null while the patient is still there.
        discharge_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// True when the arrival was deduced from another movement instead of being reported.
        inferred_admission: bool => (Bool),
        /// True when the departure was deduced from another movement instead of being reported.
        inferred_discharge: bool => (Bool),
        /// Kept for a stay inside another stay; no program fills it yet.
        parent_location_visit_id: Option<LocationVisitId> => (Nullable<BigInt>),
        /// The visit.
        hospital_visit_id: HospitalVisitId => (BigInt),
        /// The place.
        location_id: LocationId => (BigInt),
    }
    lookups {
        /// Stays of a visit.
        many StayByVisit: hospital_visit_id => HospitalVisitId,
    }
}

star_table! {
    /// A movement, or the cancellation of one, as a message reported it; `location_visit` is derived from
    /// these rows.
    LocationEvent: plain,
    known_by [hospital_visit_id, event_type, location_id, event_datetime],
    columns {
        /// When the star database first stored it.
        stored_from: DateTime<Utc> => (Timestamptz),
        /// When it happened in the hospital, or the time of the event that is cancelled.
        event_datetime: DateTime<Utc> => (Timestamptz),
        /// What was reported: `MOVE`, `DISCHARGE`, `CANCEL_ADMIT`, `CANCEL_TRANSFER` or
        /// `CANCEL_DISCHARGE`.
        event_type: String => (Varchar),
        /// Event time of the message that reported it.
        message_datetime: DateTime<Utc> => (Timestamptz),
        /// When the source system recorded it, the latest if it was reported repeatedly; null if not
        /// stated.
        recorded_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Identifier of the first message that reported it; null if deduced from stays stored earlier.
        source_id: Option<String> => (Nullable<Varchar>),
        /// The visit.
        hospital_visit_id: HospitalVisitId => (BigInt),
        /// The place the patient came to, left on discharge, or whose event is cancelled.
        location_id: LocationId => (BigInt),
        /// The place the patient came from, if the message says so.
        previous_location_id: Option<LocationId> => (Nullable<BigInt>),
    }
    lookups {
        /// Movement facts of a visit.
        many EventByVisit: hospital_visit_id => HospitalVisitId,
    }
}

star_table! {
    /// A movement that was planned, and whether it was called off; also an admission, or a change of hospital service at
    /// a place, as far as the source names the service.
    PlannedMovement: audited,
    known_by [hospital_visit_id, event_type, location_id, event_datetime],
    columns {
        /// True once the plan was called off.
        cancelled: Option<bool> => (Nullable<Bool>),
        /// When the plan was called off.
        cancelled_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// When the plan was made, null while only its cancellation is known; of what took place, when it did.
        event_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// What was planned: `ADMIT`, `TRANSFER` or `DISCHARGE`. `ADMISSION` is an admission that took place,
        /// `EDIT/HOSPITAL_SERVICE_CHANGE` another service at the same place.
        event_type: Option<String> => (Nullable<Varchar>),
        /// The visit.
        hospital_visit_id: HospitalVisitId => (BigInt),
        /// Speciality that cares for the patient there (HL7 PV1-10); null if not stated.
        hospital_service: Option<String> => (Nullable<Varchar>),
        /// Of what took place: the row of this visit and place before it. No foreign key; that row may be deleted later.
        matched_movement_id: Option<PlannedMovementId> => (Nullable<BigInt>),
        /// Where the patient was to go (HL7 PV1-42), null if not stated; of what took place, where.
        location_id: Option<LocationId> => (Nullable<BigInt>),
    }
    lookups {
        /// Planned movements of a visit.
        many PlanByVisit: hospital_visit_id => HospitalVisitId,
    }
}

star_table! {
    /// A hospital service at an admission or an update, or the cancellation of an admission, as a message reported it;
    /// rows of `planned_movement` are derived from these rows.
    HospitalServiceEvent: plain,
    known_by [encounter, event_type, location_string, event_datetime],
    columns {
        /// When the star database first stored it.
        stored_from: DateTime<Utc> => (Timestamptz),
        /// Number of the visit, which need not be known yet.
        encounter: String => (Varchar),
        /// Since when the service holds, or the time for which the admission was cancelled.
        event_datetime: DateTime<Utc> => (Timestamptz),
        /// What was reported: `ADMISSION`, `UPDATE` or `CANCEL_ADMISSION`.
        event_type: String => (Varchar),
        /// Speciality that cares for the patient; null if the message deletes it, and of cancellations.
        hospital_service: Option<String> => (Nullable<Varchar>),
        /// The place, as `department^room^bed`; null if not stated.
        location_string: Option<String> => (Nullable<Varchar>),
        /// When the source system recorded it, the latest if it was reported repeatedly; null if not stated.
        recorded_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Identifier of the first message that reported it.
        source_id: Option<String> => (Nullable<Varchar>),
    }
    lookups {
        /// Hospital services reported of a visit.
        many ServiceEventByEncounter: encounter => String,
    }
}
