//! What every ADT message says about patient and visit.

use chrono::{NaiveDate, NaiveTime};
use emap_hl7::{BadTimestamp, Field, HospitalZone, Value};
use emap_interchange::{Adt, AdtEvent, Instant, InterchangeValue, PatientClass};

use super::segments::Segments;
use crate::{
    clock::Clock,
    ethnicity,
    location::location_string,
    reasons::RejectReason,
    values::{identifier, wrapped},
    views::{Pid, Pv1},
};

/// Adds patient and visit to what is known of the event. Fields are read in the order of their numbers, which is
/// one pass over each segment.
pub(super) fn describe(event: Adt, segments: &Segments, clock: Clock) -> Result<Adt, RejectReason> {
    let Segments { pid, pv1, pv2, .. } = segments;
    let name = pid.name();
    let (patient_birth_date, patient_birth_date_time) = birth(pid.born_at(), clock.zone())?;
    Ok(Adt {
        mrn: identifier(pid.mrn()),
        nhs_number: identifier(pid.nhs_number()),
        patient_family_name: wrapped(name.family()),
        patient_given_name: wrapped(name.given()),
        patient_middle_name: wrapped(name.middle()),
        patient_title: wrapped(name.title()),
        patient_birth_date,
        patient_birth_date_time,
        patient_sex: wrapped(pid.sex()),
        patient_zip_or_postal_code: wrapped(pid.postcode()),
        patient_religion: wrapped(pid.religion()),
        ethnic_group: ethnic_group(pid.ethnic_group()),
        patient_death_date_time: clock.wrapped_event(pid.died_at())?,
        patient_is_alive: is_alive(pid),
        patient_class: patient_class(pv1)?,
        full_location_string: location_string(pv1.location()),
        admission_type: admission_type(&event.event, pv1),
        previous_location_string: location_string(pv1.previous_location()),
        // Null only where no visit is spoken of: to receivers the empty text is a patient without a visit.
        visit_number: segments.has_visit.then(|| identifier(pv1.visit_number()).unwrap_or_default()),
        mode_of_arrival: wrapped(pv2.mode_of_arrival()),
        ..event
    })
}

/// The type of an admission, from the events that make or end a stay; in others the field is not kept up to date.
fn admission_type(event: &AdtEvent, pv1: &Pv1) -> InterchangeValue<String> {
    match event {
        AdtEvent::AdmitPatient { .. }
        | AdtEvent::TransferPatient { .. }
        | AdtEvent::DischargePatient { .. }
        | AdtEvent::RegisterPatient { .. } => wrapped(pv1.admission_type()),
        _ => InterchangeValue::Unknown,
    }
}

type Birth = (InterchangeValue<NaiveDate>, InterchangeValue<Instant>);

/// Date and time of birth. A date alone is no local midnight: its time is midnight UTC, summer and winter.
fn birth(field: Field, zone: HospitalZone) -> Result<Birth, BadTimestamp> {
    let Some(born_at) = field.timestamp()? else {
        return Ok(match field.value().trimmed() {
            Value::Delete => (InterchangeValue::delete(), InterchangeValue::delete()),
            _ => (InterchangeValue::Unknown, InterchangeValue::Unknown),
        });
    };
    let date = born_at.date();
    let instant =
        if born_at.is_date() { date.and_time(NaiveTime::MIN).and_utc() } else { born_at.instant(zone) };
    Ok((InterchangeValue::Save(date), InterchangeValue::Save(instant)))
}

fn ethnic_group(code: Value) -> InterchangeValue<String> {
    match &code {
        Value::Text(text) => InterchangeValue::Save(ethnicity::name(text).to_owned()),
        _ => wrapped(code),
    }
}

fn is_alive(pid: &Pid) -> InterchangeValue<bool> {
    match pid.death_indicator().as_text() {
        Some("Y") => InterchangeValue::Save(false),
        Some("N") => InterchangeValue::Save(true),
        _ => InterchangeValue::Unknown,
    }
}

/// A class that is given must be a known one: a visit of the wrong class is worse than none.
fn patient_class(pv1: &Pv1) -> Result<InterchangeValue<PatientClass>, RejectReason> {
    let class = match pv1.patient_class() {
        Value::Absent => return Ok(InterchangeValue::Unknown),
        Value::Delete => None,
        Value::Text(code) => PatientClass::from_hl7_code(&code),
    };
    class.map(InterchangeValue::Save).ok_or_else(|| RejectReason::PatientClass(pv1.patient_class_place()))
}
