//! Visits of patients to the hospital: class, arrival, presentation, admission, discharge.

mod moving;

use emap_interchange::{Adt, AdtEvent, InterchangeValue, PatientClass};
use emap_star::{Instant, RowState, Session, rows::HospitalVisit};

use crate::{
    assign::{Assign, assign_plain},
    outcome::ProcessingError,
    repositories::{hospital_visits, location_events, location_visits},
    source::{Source, is_trusted_system},
};

pub(crate) use self::moving::move_visit;

/// The visit that a message names without saying anything of the visit itself, created with nothing but its number if
/// it is new. Gives its primary key.
pub(crate) fn get_or_create(
    session: &mut Session,
    encounter: Option<&str>,
    live_mrn_id: i64,
    source: Source<'_>,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    let encounter = encounter
        .filter(|number| !number.is_empty())
        .ok_or(ProcessingError::RequiredDataMissing("visit number"))?;
    if let Some(known) = hospital_visits::by_encounter(session, encounter)? {
        return Ok(known.hospital_visit_id);
    }
    let visit = open(session, encounter, live_mrn_id, source, message_time)?;
    let hospital_visit_id = visit.hospital_visit_id;
    session.save(visit)?;
    Ok(hospital_visit_id)
}

/// Creates or updates the visit of a patient message. Gives its primary key, or none if the message is about no visit.
pub(crate) fn create_or_update(
    session: &mut Session,
    live_mrn_id: i64,
    message: &Adt,
    source: Source<'_>,
    message_time: Instant,
) -> Result<Option<i64>, ProcessingError> {
    if matches!(message.event, AdtEvent::UpdatePatientInfo) {
        return Ok(None);
    }
    let Some(encounter) = message.visit_number.as_deref().filter(|number| !number.is_empty()) else {
        return match message.event {
            AdtEvent::ImpliedAdtMessage => Ok(None),
            _ => Err(ProcessingError::RequiredDataMissing("visit number")),
        };
    };
    let mut visit = open(session, encounter, live_mrn_id, source, message_time)?;
    let trusted = source.is_trusted()?;
    if visit.is_created() || (trusted && may_update(&visit, message_time)) {
        assign_general(&mut visit, message, source)?;
    }
    if trusted {
        assign_times(&mut visit, message);
    }
    let hospital_visit_id = visit.hospital_visit_id;
    session.save(visit)?;
    Ok(Some(hospital_visit_id))
}

fn open(
    session: &mut Session,
    encounter: &str,
    live_mrn_id: i64,
    source: Source<'_>,
    message_time: Instant,
) -> Result<RowState<HospitalVisit>, ProcessingError> {
    if let Some(known) = hospital_visits::by_encounter(session, encounter)? {
        return Ok(RowState::existing(known.clone(), message_time));
    }
    let visit = HospitalVisit {
        hospital_visit_id: session.next_id()?,
        stored_from: session.stored_from(),
        valid_from: message_time,
        encounter: encounter.to_owned(),
        mrn_id: live_mrn_id,
        source_system: source.system()?.to_owned(),
        admission_datetime: None,
        arrival_method: None,
        discharge_datetime: None,
        discharge_destination: None,
        discharge_disposition: None,
        patient_class: None,
        presentation_datetime: None,
    };
    location_visits::none_yet(session, visit.hospital_visit_id);
    location_events::none_yet(session, visit.hospital_visit_id);
    Ok(RowState::created(visit, message_time))
}

/// What an untrusted source said gives way; what a trusted one said gives way to messages that are not older.
fn may_update(visit: &RowState<HospitalVisit>, message_time: Instant) -> bool {
    !is_trusted_system(&visit.source_system) || visit.message_should_update(message_time)
}

fn assign_general(
    visit: &mut HospitalVisit,
    message: &Adt,
    source: Source<'_>,
) -> Result<(), ProcessingError> {
    assign_class(&message.patient_class, &mut visit.patient_class)?;
    message.mode_of_arrival.assign_to(&mut visit.arrival_method);
    if visit.source_system != source.system()? {
        source.system()?.clone_into(&mut visit.source_system);
    }
    match message.event {
        AdtEvent::CancelAdmitPatient { .. } => visit.admission_datetime = None,
        AdtEvent::CancelDischargePatient { .. } => {
            visit.discharge_datetime = None;
            visit.discharge_disposition = None;
            visit.discharge_destination = None;
        }
        _ => {}
    }
    Ok(())
}

/// A class changes but never vanishes.
fn assign_class(
    class: &InterchangeValue<PatientClass>,
    column: &mut Option<String>,
) -> Result<(), ProcessingError> {
    match class {
        InterchangeValue::Unknown => Ok(()),
        InterchangeValue::Save(class) => {
            assign_plain(Some(class.as_str()), column);
            Ok(())
        }
        InterchangeValue::Delete(_) => Err(ProcessingError::Invalid("the patient class cannot be deleted")),
    }
}

/// Times of the visit, which a trusted source sets whatever its message's time.
fn assign_times(visit: &mut HospitalVisit, message: &Adt) {
    match &message.event {
        AdtEvent::AdmitPatient { admission_date_time } => {
            admission_date_time.assign_to(&mut visit.admission_datetime);
        }
        AdtEvent::TransferPatient { admission_date_time } => {
            assign_missing_admission(visit, admission_date_time);
        }
        AdtEvent::RegisterPatient { presentation_date_time } => {
            presentation_date_time.assign_to(&mut visit.presentation_datetime);
        }
        AdtEvent::DischargePatient {
            admission_date_time,
            discharge_date_time,
            discharge_disposition,
            discharge_location,
        } => {
            assign_missing_admission(visit, admission_date_time);
            visit.discharge_datetime = *discharge_date_time;
            assign_plain(discharge_disposition.as_deref(), &mut visit.discharge_disposition);
            assign_plain(discharge_location.as_deref(), &mut visit.discharge_destination);
        }
        _ => {}
    }
}

/// Transfers and discharges repeat the admission time; they fill it in, they do not correct it.
fn assign_missing_admission(visit: &mut HospitalVisit, admission: &InterchangeValue<Instant>) {
    if visit.admission_datetime.is_none() {
        admission.assign_to(&mut visit.admission_datetime);
    }
}
