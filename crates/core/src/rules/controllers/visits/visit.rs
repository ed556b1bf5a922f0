//! Visits of patients to the hospital: class, arrival, presentation, admission, discharge.

use emap_interchange::{Adt, AdtEvent, InterchangeValue, PatientClass};
use emap_star::{
    Instant, RowState,
    rows::{HospitalVisit, HospitalVisitId, MrnId},
};

use crate::{
    assign::{Assign, assign_plain},
    failure::{Cause, Failure, required_text},
    rules::repositories::{locations, visits},
    scope::Scope,
    source::is_trusted_system,
};

/// The visit that a message names without saying anything of the visit itself, created with nothing but its number if
/// it is new. Gives its primary key.
pub(crate) fn get_or_create(
    scope: &mut Scope<'_, '_>,
    encounter: Option<&str>,
    live_mrn_id: MrnId,
) -> Result<HospitalVisitId, Failure> {
    let encounter = required_text(encounter, "visit number")?;
    if let Some(known) = visits::by_encounter(scope.rows, encounter)? {
        return Ok(known.hospital_visit_id);
    }
    let visit = open(scope, encounter, live_mrn_id)?;
    let hospital_visit_id = visit.hospital_visit_id;
    scope.rows.save(visit)?;
    Ok(hospital_visit_id)
}

/// Creates or updates the visit of a patient message. Gives its primary key, or none if the message is about no visit.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    live_mrn_id: MrnId,
    message: &Adt,
) -> Result<Option<HospitalVisitId>, Failure> {
    if matches!(message.event, AdtEvent::UpdatePatientInfo { .. }) {
        return Ok(None);
    }
    let encounter = match required_text(message.visit_number.as_deref(), "visit number") {
        Err(_) if matches!(message.event, AdtEvent::ImpliedAdtMessage) => return Ok(None),
        encounter => encounter?,
    };
    let mut visit = open(scope, encounter, live_mrn_id)?;
    let trusted = scope.source.is_trusted()?;
    if visit.is_created() || (trusted && (may_update(scope, &visit) || visit.admission_type.is_none())) {
        message.admission_type.assign_to(&mut visit.admission_type);
    }
    if visit.is_created() || (trusted && may_update(scope, &visit)) {
        assign_general(scope, &mut visit, message)?;
    }
    if trusted {
        assign_times(&mut visit, message);
    }
    let hospital_visit_id = visit.hospital_visit_id;
    scope.rows.save(visit)?;
    Ok(Some(hospital_visit_id))
}

/// Opens the visit with an encounter number as it is known, or else as a new one of this patient.
pub(super) fn open(
    scope: &mut Scope<'_, '_>,
    encounter: &str,
    live_mrn_id: MrnId,
) -> Result<RowState<HospitalVisit>, Failure> {
    if let Some(known) = visits::by_encounter(scope.rows, encounter)? {
        return Ok(RowState::existing(known.clone(), scope.message_time));
    }
    let visit = HospitalVisit::new(
        scope.rows.next_id()?,
        encounter.to_owned(),
        scope.source.system()?.to_owned(),
        live_mrn_id,
    );
    locations::nothing_refers_to(scope.rows, visit.hospital_visit_id);
    Ok(RowState::created(visit, scope.message_time))
}

/// What an untrusted source said gives way; what a trusted one said gives way to messages that are not older.
pub(super) fn may_update(scope: &Scope<'_, '_>, visit: &RowState<HospitalVisit>) -> bool {
    !is_trusted_system(&visit.source_system) || visit.message_should_update(scope.message_time)
}

/// What any message says of a visit.
pub(super) fn assign_general(
    scope: &Scope<'_, '_>,
    visit: &mut HospitalVisit,
    message: &Adt,
) -> Result<(), Failure> {
    assign_class(&message.patient_class, &mut visit.patient_class)?;
    message.mode_of_arrival.assign_to(&mut visit.arrival_method);
    if visit.source_system != scope.source.system()? {
        scope.source.system()?.clone_into(&mut visit.source_system);
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
fn assign_class(class: &InterchangeValue<PatientClass>, column: &mut Option<String>) -> Result<(), Failure> {
    match class {
        InterchangeValue::Unknown => Ok(()),
        InterchangeValue::Save(class) => {
            assign_plain(Some(class.as_str()), column);
            Ok(())
        }
        InterchangeValue::Delete(_) => Err(Cause::Invalid("the patient class cannot be deleted").into()),
    }
}

/// Times of the visit, which a trusted source sets whatever its message's time.
fn assign_times(visit: &mut HospitalVisit, message: &Adt) {
    match &message.event {
        AdtEvent::AdmitPatient { admission_date_time, .. } => {
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
