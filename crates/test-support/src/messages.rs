//! Short ways to say "this happened to this patient", as interchange messages.
//!
//! Times are written as in RFC 3339 (`2031-03-02T08:15:00Z`), places as HL7 location strings
//! (`W3^W3 BAY1^W3-B1`). Each message happened when it was recorded.

use emap_interchange::{Adt, AdtEvent, Instant, InterchangeValue, Message, PatientClass, Payload};

use InterchangeValue::Save;

/// The sender of all messages made here.
pub const SOURCE_SYSTEM: &str = "EPIC";

/// A point in time from its RFC 3339 text.
pub fn at(time: &str) -> Instant {
    time.parse().unwrap_or_else(|error| panic!("{time}: {error}"))
}

/// A patient with an encounter is admitted to a place as an in-patient.
pub fn admit(mrn: &str, encounter: &str, place: &str, time: &str) -> Message {
    let event = AdtEvent::AdmitPatient {
        admission_date_time: Save(at(time)),
        hospital_service: InterchangeValue::Unknown,
    };
    adt(event, mrn, encounter, place, time)
}

/// A patient moves to a place.
pub fn transfer(mrn: &str, encounter: &str, place: &str, time: &str) -> Message {
    let event = AdtEvent::TransferPatient { admission_date_time: InterchangeValue::Unknown };
    adt(event, mrn, encounter, place, time)
}

/// A patient leaves the hospital from a place, home.
pub fn discharge(mrn: &str, encounter: &str, place: &str, time: &str) -> Message {
    let event = AdtEvent::DischargePatient {
        admission_date_time: InterchangeValue::Unknown,
        discharge_date_time: Some(at(time)),
        discharge_disposition: Some("Home".to_owned()),
        discharge_location: Some("Home".to_owned()),
    };
    adt(event, mrn, encounter, place, time)
}

/// A patient presents at a place as an emergency.
pub fn register(mrn: &str, encounter: &str, place: &str, time: &str) -> Message {
    let event = AdtEvent::RegisterPatient { presentation_date_time: Save(at(time)) };
    let message = adt(event, mrn, encounter, place, time);
    with(message, |adt| adt.patient_class = Save(PatientClass::Emergency))
}

/// What is known of a patient at a place is reported again.
pub fn update(mrn: &str, encounter: &str, place: &str, time: &str) -> Message {
    adt(AdtEvent::default(), mrn, encounter, place, time)
}

/// Any ADT message with the usual fields filled.
pub fn adt(event: AdtEvent, mrn: &str, encounter: &str, place: &str, time: &str) -> Message {
    let adt = Adt {
        recorded_date_time: Some(at(time)),
        event_occurred_date_time: Some(at(time)),
        mrn: Some(mrn.to_owned()),
        visit_number: Some(encounter.to_owned()),
        full_location_string: Save(place.to_owned()),
        patient_class: Save(PatientClass::Inpatient),
        patient_is_alive: Save(true),
        event,
        ..Adt::default()
    };
    Message {
        source_message_id: Some(format!("{encounter}-{time}")),
        source_system: Some(SOURCE_SYSTEM.to_owned()),
        payload: Payload::Adt(Box::new(adt)),
    }
}

/// The message with changes to its ADT fields.
pub fn with(mut message: Message, change: impl FnOnce(&mut Adt)) -> Message {
    let Payload::Adt(adt) = &mut message.payload else {
        panic!("{} is no ADT message", message.class_name())
    };
    change(adt);
    message
}
