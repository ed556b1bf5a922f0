//! What a message asks the platform's services to do.

use std::borrow::Cow;

use chrono_tz::Tz;
use emap_hl7::{LooseTime, NoTime, Positional, iso_milliseconds};
use serde::Serialize;

use crate::{
    patients,
    refusal::{Refusal, Unexpected},
};

type Text<'a> = Option<Cow<'a, str>>;

#[derive(Serialize)]
struct Document<'a> {
    dhos_connector_message_uuid: &'a str,
    actions: Vec<Action<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "name", content = "data")]
enum Action<'a> {
    #[serde(rename = "process_patient")]
    Patient(Box<Patient<'a>>),
    #[serde(rename = "process_location")]
    Location(Movement<'a>),
    #[serde(rename = "process_encounter")]
    Encounter(Box<Encounter<'a>>),
}

#[derive(Serialize)]
struct Patient<'a> {
    first_name: Text<'a>,
    last_name: Text<'a>,
    sex_sct: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nhs_number: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mrn: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_of_birth: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_of_death: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_nhs_number: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_mrn: Text<'a>,
}

#[derive(Clone, Serialize)]
#[allow(clippy::struct_field_names, reason = "the names of the fields in the message")]
struct Place<'a> {
    epr_ward_code: Text<'a>,
    epr_bay_code: Text<'a>,
    epr_bed_code: Text<'a>,
}

#[derive(Serialize)]
struct Movement<'a> {
    location: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_location: Option<Place<'a>>,
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names, reason = "the names of the fields in the message")]
struct Encounter<'a> {
    epr_encounter_id: Text<'a>,
    location: Place<'a>,
    encounter_type: Text<'a>,
    admitted_at: String,
    admission_cancelled: bool,
    transfer_cancelled: bool,
    discharge_cancelled: bool,
    encounter_moved: bool,
    patient_deceased: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    discharged_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_encounter_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epr_previous_location_code: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_location: Option<Place<'a>>,
}

/// The document that is published for an accepted message.
///
/// # Errors
/// When a date cannot be read, or a merge lacks what it needs.
pub(crate) fn document(message: &Positional<'_>, uuid: &str, zone: Tz) -> Result<String, Refusal> {
    let mut actions = vec![Action::Patient(Box::new(patient(message)?))];
    if filled(message.get("PV1", 44)).is_some() {
        actions.push(Action::Location(movement(message)));
        actions.push(Action::Encounter(Box::new(encounter(message, zone)?)));
    }
    let document = Document { dhos_connector_message_uuid: uuid, actions };
    crate::python_json::to_string(&document).map_err(|_| Unexpected::Value.into())
}

fn patient<'a>(message: &Positional<'a>) -> Result<Patient<'a>, Refusal> {
    let nhs_number = filled(patients::nhs_number(message, ("PID", 3))?);
    let mrn = filled(patients::mrn(message, ("PID", 3))?);
    if nhs_number.is_none() && mrn.is_none() {
        return Err(Refusal::NoIdentifiers);
    }
    let (mut previous_nhs_number, mut previous_mrn) = (None, None);
    if matches!(trigger(message).as_deref(), Some("A34" | "A40")) {
        if !message.has("MRG") {
            return Err(Unexpected::Key.into());
        }
        previous_nhs_number = filled(patients::nhs_number(message, ("MRG", 1))?);
        previous_mrn = filled(patients::mrn(message, ("MRG", 1))?);
    }
    Ok(Patient {
        first_name: message.component("PID", 5, 2),
        last_name: message.get("PID", 5),
        sex_sct: sex(message.get("PID", 8).as_deref()),
        nhs_number,
        mrn,
        date_of_birth: date(message.get("PID", 7))?,
        date_of_death: date(message.get("PID", 29))?,
        previous_nhs_number,
        previous_mrn,
    })
}

/// PID-8 as a SNOMED code.
fn sex(code: Option<&str>) -> &'static str {
    match code.unwrap_or_default().to_uppercase().as_str() {
        "1" | "M" => "248153007",
        "2" | "F" => "248152002",
        "4" | "I" => "32570681000036106",
        _ => "184115007",
    }
}

fn movement<'a>(message: &Positional<'a>) -> Movement<'a> {
    Movement { location: place(message, 3), previous_location: previous_place(message) }
}

fn place<'a>(message: &Positional<'a>, field: usize) -> Place<'a> {
    let part = |component| message.component("PV1", field, component);
    Place { epr_ward_code: part(1), epr_bay_code: part(2), epr_bed_code: part(3) }
}

fn previous_place<'a>(message: &Positional<'a>) -> Option<Place<'a>> {
    filled(message.get("PV1", 6)).map(|_| place(message, 6))
}

fn encounter<'a>(message: &Positional<'a>, zone: Tz) -> Result<Encounter<'a>, Refusal> {
    let trigger = trigger(message);
    let is = |triggers: &[&str]| trigger.as_deref().is_some_and(|trigger| triggers.contains(&trigger));
    let merge = |field| message.has("MRG").then(|| message.get("MRG", field));
    Ok(Encounter {
        epr_encounter_id: message.get("PV1", 19),
        location: place(message, 3),
        encounter_type: message.get("PV1", 2),
        admitted_at: instant(message.get("PV1", 44), zone)?.unwrap_or_default(),
        admission_cancelled: is(&["A11", "A23", "A27", "A38"]),
        transfer_cancelled: is(&["A12"]),
        discharge_cancelled: is(&["A13"]),
        encounter_moved: is(&["A44"]),
        patient_deceased: date(message.get("PID", 29))?.is_some(),
        discharged_at: instant(message.get("PV1", 45), zone)?,
        parent_encounter_id: merge(5),
        epr_previous_location_code: merge(6),
        previous_location: previous_place(message),
    })
}

/// MSH-9.2.
pub(crate) fn trigger<'a>(message: &Positional<'a>) -> Text<'a> {
    message.component("MSH", 9, 2)
}

/// The value unless it is empty.
fn filled(value: Text<'_>) -> Text<'_> {
    value.filter(|value| !value.is_empty())
}

fn date(value: Text<'_>) -> Result<Option<String>, NoTime> {
    let time = filled(value).map(|value| LooseTime::parse(&value)).transpose()?;
    Ok(time.map(|time| time.date().format("%Y-%m-%d").to_string()))
}

fn instant(value: Text<'_>, zone: Tz) -> Result<Option<String>, NoTime> {
    let time = filled(value).map(|value| LooseTime::parse(&value)).transpose()?;
    Ok(time.map(|time| iso_milliseconds(time.in_zone(zone))))
}
