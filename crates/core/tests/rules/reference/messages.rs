//! Short ways to say what these messages say.

pub(crate) use crate::messages::{clarity, text};

use emap_interchange::{
    BedMetadata, DepartmentMetadata, EpicRecordStatus, Form, FormAnswer, FormMetadata, FormQuestionMetadata,
    Instant, LocationMetadata, Message, RoomMetadata,
};

/// The start of a day of May, `DD`.
pub(crate) fn may(day: &str) -> Instant {
    format!("2031-05-{day}T00:00:00Z").parse().unwrap()
}

/// A text that is there.
#[expect(clippy::unnecessary_wraps, reason = "nearly every property may be absent")]
pub(crate) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A form of one patient's visit, first filed on the first of May.
pub(crate) fn form(instance: &str, answers: Vec<FormAnswer>) -> Form {
    Form {
        form_id: some("T1"),
        form_instance_id: some(instance),
        first_filed_date_time: Some(may("01")),
        visit_number: some("V1"),
        mrn: some("M1"),
        answers,
    }
}

/// An answer in text, with an identifier made of that of the question.
pub(crate) fn answer(question: &str, value: &str, day: &str) -> FormAnswer {
    FormAnswer {
        source_message_id: Some(format!("A {question}")),
        question_id: some(question),
        filed_date_time: Some(may(day)),
        string_value: text(value),
        ..FormAnswer::default()
    }
}

/// What a template is called since a day, by patients too.
pub(crate) fn template(source_id: &str, name: Option<&str>, day: Option<&str>) -> Message {
    let metadata = FormMetadata {
        form_name: name.map(str::to_owned),
        form_patient_friendly_name: name.map(str::to_owned),
        valid_from: day.map(may),
    };
    Message { source_message_id: some(source_id), ..clarity(metadata) }
}

/// What a question is called since a day, in short and at length.
pub(crate) fn question(source_id: &str, name: Option<&str>, day: Option<&str>) -> Message {
    let metadata = FormQuestionMetadata {
        name: name.map(str::to_owned),
        abbrev_name: name.map(str::to_owned),
        description: name.map(str::to_owned),
        valid_from: day.map(may),
    };
    Message { source_message_id: some(source_id), ..clarity(metadata) }
}

/// A bed in a bay of ward W1.
pub(crate) fn bed(csn: i64, day: &str) -> BedMetadata {
    BedMetadata {
        bed_csn: Some(csn),
        bed_hl7: some("B1"),
        bed_contact_date: Some(may(day)),
        bed_record_state: Some(EpicRecordStatus::Active),
        is_pool_bed: Some(false),
        is_bunk_bed: Some(false),
        bed_is_in_census: Some(true),
        bed_facility: None,
    }
}

/// One of several places without a bed of their own.
pub(crate) fn pool_bed(csn: i64, day: &str) -> BedMetadata {
    BedMetadata { is_pool_bed: Some(true), ..bed(csn, day) }
}

/// The bay.
pub(crate) fn room(csn: i64, day: &str) -> RoomMetadata {
    RoomMetadata {
        room_csn: Some(csn),
        is_room_ready: Some(true),
        room_contact_date: Some(may(day)),
        room_record_state: Some(EpicRecordStatus::Active),
        room_hl7: some("BAY1"),
        room_name: some("Bay 1"),
    }
}

/// The place `W1^BAY1^B1`.
pub(crate) fn place(room: Option<RoomMetadata>, bed: Option<BedMetadata>) -> LocationMetadata {
    LocationMetadata {
        hl7_string: some("W1^BAY1^B1"),
        department_id: Some(7),
        room_metadata: room.map(Box::new),
        bed_metadata: bed.map(Box::new),
    }
}

/// The bay with this bed, the state of the bay never changing.
pub(crate) fn with_bed(bed: BedMetadata) -> Message {
    clarity(place(Some(room(100, "01")), Some(bed)))
}

/// The ward has a speciality since a day; it is on record since the first of May.
pub(crate) fn ward(speciality: &str, previous: Option<&str>, day: &str) -> DepartmentMetadata {
    DepartmentMetadata {
        department_hl7: some("W1"),
        department_record_status: Some(EpicRecordStatus::Active),
        department_contact_date: Some(may("01")),
        department_name: some("Ward 1"),
        department_id: Some(7),
        department_speciality: some(speciality),
        speciality_update: Some(may(day)),
        previous_department_speciality: previous.map(str::to_owned),
        combined_update: None,
    }
}
