//! Observations for the hospital: an ORU^R01 message (HL7 v2.6) from a set of observations.

mod configuration;
mod failure;
mod observations;
mod rows;
mod values;

pub use self::{configuration::Configuration, failure::OruError};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use emap_hl7::escaped;
use serde_json::Value;

use self::{
    rows::Rows,
    values::{Object, TimeForm, copied, optional_text, required_text, truthy},
};

/// The parts of a request that make a message.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    patient: Object<'a>,
    encounter: Object<'a>,
    clinician: Option<Object<'a>>,
    observation_set: Object<'a>,
}

/// A message and the name that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OruMessage {
    /// Its text: segments separated by CR, none at the end.
    pub text: String,
    /// MSH-10.
    pub control_id: String,
}

impl<'a> Parts<'a> {
    /// Takes the data of an action apart.
    ///
    /// # Errors
    /// When a part is missing or empty.
    pub fn of(data: &'a Value) -> Result<Self, OruError> {
        let part = |name: &str| data.get(name).and_then(Value::as_object).filter(|part| !part.is_empty());
        let (patient, encounter, observation_set) =
            (part("patient"), part("encounter"), part("observation_set"));
        let (Some(patient), Some(encounter), Some(observation_set)) = (patient, encounter, observation_set)
        else {
            let parts = ["patient", "encounter", "observation_set"];
            let missing: Vec<_> = parts.into_iter().filter(|name| part(name).is_none()).collect();
            return Err(OruError::Value(format!("Missing data in action: {}", missing.join(", "))));
        };
        Ok(Self {
            patient: Object::new(patient),
            encounter: Object::new(encounter),
            clinician: part("clinician").map(Object::new),
            observation_set: Object::new(observation_set),
        })
    }

    /// Writes the message.
    ///
    /// # Errors
    /// When something is missing or cannot be read.
    pub fn message(
        &self,
        configuration: &Configuration,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<OruMessage, OruError> {
        let times = TimeForm { pattern: &configuration.timestamp_format, zone };
        let set_uuid = required_text(self.observation_set, "uuid")?;
        let control_id = control_id(set_uuid);
        if self.clinician.is_none() {
            tracing::warn!("an observation set without clinician");
        }
        let collector = self.clinician.map(collector).transpose()?;
        let record_time = times.required(self.observation_set, "record_time")?;
        let mut segments =
            vec![header(configuration, &times.write(now)?, &control_id), self.patient_segment()?];
        segments.extend(self.visit_segment(&times)?);
        segments.push(format!(
            "OBR|1||{}|EWS|||{record_time}|||{}{}F",
            escaped(set_uuid),
            collector.as_deref().unwrap_or_default(),
            "|".repeat(15),
        ));
        let mut rows = Rows::new(&record_time, collector.as_deref());
        observations::write(&mut rows, self.observation_set, configuration, &times)?;
        segments.extend(rows.into_segments());
        Ok(OruMessage { text: segments.join("\r"), control_id })
    }

    fn patient_segment(&self) -> Result<String, OruError> {
        let patient = self.patient;
        let uuid = required_text(patient, "uuid")?;
        let (last_name, first_name) =
            (optional_text(patient.required("last_name")?)?, optional_text(patient.required("first_name")?)?);
        let born = match optional_text(patient.required("dob")?)? {
            "" => String::new(),
            text => values::date(text)?,
        };
        let sex = match patient.required("sex")?.as_str() {
            Some("248153007") => "1",
            Some("248152002") => "2",
            Some("32570681000036106") => "4",
            _ => "3",
        };
        let mut identifiers = Vec::new();
        for (name, kind) in [("hospital_number", "MRN"), ("nhs_number", "NHS")] {
            let value = patient.get(name).filter(|value| truthy(value)).map(values::plain);
            identifiers.extend(value.map(|value| format!("{}^^^^{kind}", escaped(&value))));
        }
        Ok(format!(
            "PID|1|{}|{}||{}^{}||{born}|{sex}",
            escaped(uuid),
            identifiers.join("~"),
            escaped(last_name),
            escaped(first_name),
        ))
    }

    /// None without an encounter id; an empty one is one.
    fn visit_segment(&self, times: &TimeForm<'_>) -> Result<Option<String>, OruError> {
        let encounter = self.encounter;
        let Some(id) = encounter.get("epr_encounter_id").filter(|id| !id.is_null()) else { return Ok(None) };
        let location = copied(optional_text(encounter.required("location_ods_code")?)?);
        let admitted = encounter.required("admitted_at")?;
        let admitted = if truthy(admitted) { times.read(admitted)? } else { String::new() };
        let id = escaped(&values::plain(id));
        Ok(Some(format!("PV1|1||{location}{}{id}{}{admitted}", "|".repeat(16), "|".repeat(25))))
    }
}

/// 20 characters that follow from the observation set, so that the same set always has the same message.
fn control_id(set_uuid: &str) -> String {
    let mut digest = format!("{:x}", md5::compute(set_uuid.as_bytes()));
    digest.truncate(20);
    digest
}

fn collector(clinician: Object<'_>) -> Result<String, OruError> {
    let identifier = values::number_text(clinician.required("send_entry_identifier")?);
    let last_name = optional_text(clinician.required("last_name")?)?;
    let first_name = optional_text(clinician.required("first_name")?)?;
    Ok(format!("{identifier}^{}^{}", escaped(last_name), escaped(first_name)))
}

fn header(configuration: &Configuration, now: &str, control_id: &str) -> String {
    let Configuration { sending_application, sending_facility, .. } = configuration;
    let Configuration { receiving_application, receiving_facility, processing_id, .. } = configuration;
    format!(
        "MSH|^~\\&|{}|{}|{}|{}|{now}||ORU^R01^ORU_R01|{control_id}|{}|2.6",
        escaped(sending_application),
        escaped(sending_facility),
        escaped(receiving_application),
        escaped(receiving_facility),
        escaped(processing_id),
    )
}
