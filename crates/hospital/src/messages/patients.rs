//! Patients, visits and movements.

use chrono::NaiveTime;
use emap_interchange::{
    Adt, AdtEvent, Instant,
    InterchangeValue::{self, Save},
    Payload, PendingType,
};

use crate::{
    event::{Event, Movement, MovementKind},
    place::Place,
};

const TRANSFER: Option<PendingType> = Some(PendingType::Transfer);
const DISCHARGE: Option<PendingType> = Some(PendingType::Discharge);

/// A message that is about patient and visit.
pub(super) fn moved(event: &Event, movement: &Movement) -> Payload {
    let adt = Adt {
        event_reason_code: Some("ADT_EVENT".to_owned()),
        event_occurred_date_time: Some(movement.happened),
        event: event_of(event, movement),
        admission_type: admission_type(event, &movement.kind),
        ..described(event)
    };
    if movement.kind.has_visit() {
        return Adt { mode_of_arrival: mode_of_arrival(&movement.kind), ..adt }.into();
    }
    Adt {
        visit_number: None,
        patient_class: InterchangeValue::Unknown,
        full_location_string: InterchangeValue::Unknown,
        previous_location_string: InterchangeValue::Unknown,
        ..adt
    }
    .into()
}

/// What a message about something else says of patient and visit.
pub(super) fn implied(event: &Event) -> Payload {
    Adt { event: AdtEvent::ImpliedAdtMessage, ..described(event) }.into()
}

/// A moved visit stands with what it had before; how the patient arrived is not read.
fn mode_of_arrival(kind: &MovementKind) -> InterchangeValue<String> {
    match kind {
        MovementKind::MoveVisit { .. } => InterchangeValue::Unknown,
        _ => Save("Ambulance".to_owned()),
    }
}

/// The type of the admission, where the patient comes, moves or leaves.
fn admission_type(event: &Event, kind: &MovementKind) -> InterchangeValue<String> {
    match kind {
        MovementKind::Register | MovementKind::Admit | MovementKind::Transfer | MovementKind::Discharge => {
            Save(event.visit.admission_type().to_owned())
        }
        _ => InterchangeValue::Unknown,
    }
}

fn described(event: &Event) -> Adt {
    let Event { patient, visit, .. } = event;
    let text = |text: &str| Save(text.to_owned());
    let born = InterchangeValue::from_option(patient.birth_date());
    Adt {
        recorded_date_time: Some(event.at),
        mrn: event.mrn(),
        nhs_number: patient.nhs_number(),
        visit_number: event.visit_number(),
        ethnic_group: text(patient.ethnic_group().1),
        full_location_string: location(visit.place),
        previous_location_string: location(visit.former),
        patient_birth_date_time: born.clone().map(|date| date.and_time(NaiveTime::MIN).and_utc()),
        patient_birth_date: born,
        patient_class: Save(visit.class),
        patient_is_alive: Save(true),
        patient_family_name: text(patient.family()),
        patient_given_name: text(patient.given()),
        patient_middle_name: text(patient.middle()),
        patient_religion: text("2L"),
        patient_sex: text(patient.sex()),
        patient_title: text(patient.title()),
        patient_zip_or_postal_code: Save(patient.postcode()),
        ..Adt::default()
    }
}

fn location(place: Option<Place>) -> InterchangeValue<String> {
    InterchangeValue::from_option(place.map(|place| place.to_string()))
}

fn event_of(event: &Event, movement: &Movement) -> AdtEvent {
    let visit = &event.visit;
    let arrived: InterchangeValue<Instant> = InterchangeValue::from_option(visit.arrived);
    let cancelled_date_time = Some(movement.happened);
    let hospital_service = Save(visit.service.to_owned());
    match movement.kind {
        MovementKind::Register => AdtEvent::RegisterPatient { presentation_date_time: arrived },
        MovementKind::Admit => AdtEvent::AdmitPatient { admission_date_time: arrived, hospital_service },
        MovementKind::Transfer => AdtEvent::TransferPatient { admission_date_time: arrived },
        MovementKind::Update => AdtEvent::UpdatePatientInfo { hospital_service },
        MovementKind::Discharge => AdtEvent::DischargePatient {
            admission_date_time: arrived,
            discharge_date_time: visit.discharged,
            discharge_disposition: Some("HOME".to_owned()),
            discharge_location: Some("USUAL RESIDENCE".to_owned()),
        },
        MovementKind::CancelAdmit => AdtEvent::CancelAdmitPatient { cancelled_date_time },
        MovementKind::CancelTransfer => AdtEvent::CancelTransferPatient {
            cancelled_date_time,
            cancelled_location: visit.former.map(|place| place.to_string()),
        },
        MovementKind::CancelDischarge => AdtEvent::CancelDischargePatient { cancelled_date_time },
        MovementKind::Swap { other, visit } => AdtEvent::SwapLocations {
            other_mrn: Some(other.mrn.to_string()),
            other_nhs_number: other.nhs_number(),
            other_visit_number: Some(visit.id()),
            other_full_location_string: location(visit.place),
        },
        MovementKind::Plan { to } => AdtEvent::PendingTransfer {
            pending_event_type: TRANSFER,
            pending_destination: location(to),
            hospital_service,
        },
        MovementKind::CallOff { to } => AdtEvent::CancelPendingTransfer {
            pending_event_type: TRANSFER,
            pending_destination: location(to),
            hospital_service: InterchangeValue::Unknown,
            cancelled_date_time,
        },
        // What the message says of destination and service is not read.
        MovementKind::PlanDischarge => AdtEvent::PendingDischarge {
            pending_event_type: DISCHARGE,
            pending_destination: InterchangeValue::Unknown,
            hospital_service: InterchangeValue::Unknown,
        },
        MovementKind::CallOffDischarge => AdtEvent::CancelPendingDischarge {
            pending_event_type: DISCHARGE,
            hospital_service: InterchangeValue::Unknown,
            pending_destination: InterchangeValue::Unknown,
            cancelled_date_time,
        },
        MovementKind::ChangeService => AdtEvent::UpdateSubSpeciality { hospital_service },
        MovementKind::Merge { previous } => {
            AdtEvent::MergePatient { previous_mrn: Some(previous.to_string()), previous_nhs_number: None }
        }
        MovementKind::ChangeIdentifiers { previous } => AdtEvent::ChangePatientIdentifiers {
            previous_mrn: Some(previous.to_string()),
            previous_nhs_number: None,
        },
        MovementKind::MoveVisit { previous } => AdtEvent::MoveVisitInformation {
            previous_mrn: Some(previous.to_string()),
            previous_nhs_number: None,
            previous_visit_number: event.visit_number(),
        },
        MovementKind::Delete => AdtEvent::DeletePersonInformation,
    }
}
