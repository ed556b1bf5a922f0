//! Which rows a set of observations gives, in which order.

use emap_hl7::escaped;
use serde_json::Value;

use super::{
    configuration::Configuration,
    failure::OruError,
    rows::{Row, Rows},
    values::{Object, TimeForm, number_text, optional_text, plain, rounded, truncated, truthy},
};

/// What stands in place of a value that the patient did not let be measured.
const REFUSED: &str = "patient_refused";

/// Whether a score follows a measurement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Score {
    /// Always, empty if it is null.
    Required,
    /// If there is one.
    IfScored,
}

/// How a measurement is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As a whole number.
    Rounded,
    /// As it is.
    Raw,
}

/// An observation and what is needed of it for every row.
#[derive(Clone, Copy)]
struct Observation<'a> {
    members: Object<'a>,
}

/// Writes all rows.
pub(super) fn write(
    rows: &mut Rows<'_>,
    set: Object<'_>,
    configuration: &Configuration,
    times: &TimeForm<'_>,
) -> Result<(), OruError> {
    write_set(rows, set, times)?;
    let observations = match set.get("observations") {
        None => &[][..],
        Some(Value::Array(observations)) => observations,
        Some(_) => return Err(OruError::Value("'observations' is not a list".to_owned())),
    };
    let find = |kind: &str| Observation::first(observations, kind);
    let mut writer = Writer { rows, times };
    writer.measurement(find("heart_rate")?, "HR", Form::Rounded, Score::Required)?;
    writer.measurement(find("respiratory_rate")?, "RR", Form::Rounded, Score::Required)?;
    let (diastolic, systolic) = (find("diastolic_blood_pressure")?, find("systolic_blood_pressure")?);
    writer.measurement(diastolic, "DBP", Form::Rounded, Score::IfScored)?;
    writer.measurement(systolic, "SBP", Form::Rounded, Score::Required)?;
    writer.position(systolic, diastolic)?;
    writer.measurement(find("spo2")?, "SPO2", Form::Rounded, Score::Required)?;
    writer.oxygen(find("o2_therapy_status")?, configuration)?;
    writer.measurement(find("temperature")?, "TEMP", Form::Raw, Score::Required)?;
    writer.consciousness(find("consciousness_acvpu")?)?;
    writer.coma_scale(find("consciousness_gcs")?)?;
    writer.concerns(find("nurse_concern")?)
}

fn write_set(rows: &mut Rows<'_>, set: Object<'_>, times: &TimeForm<'_>) -> Result<(), OruError> {
    let text = |name: &str| match set.filled(name) {
        None => Ok(String::new()),
        Some(value) => optional_text(value).map(escaped),
    };
    let system = match set.filled("score_system").filter(|system| truthy(system)) {
        None => None,
        Some(given) => {
            let given = plain(given);
            let system = given.to_uppercase();
            if system != "NEWS2" && system != "MEOWS" {
                return Err(OruError::Value(format!("Unexpected score system '{given}'")));
            }
            rows.of_set(&Row { kind: "ST", code: "ScoringSystem", value: system.clone(), ..Row::default() });
            Some(system)
        }
    };
    if let Some(scale) =
        set.get("spo2_scale").filter(|scale| truthy(scale) && system.as_deref() == Some("NEWS2"))
    {
        let value = format!("Scale {}", escaped(&plain(scale)));
        rows.of_set(&Row { kind: "ST", code: "SpO2Scale", value, ..Row::default() });
    }
    if let Some(score) = set.filled("score_value") {
        let (range, flags) = (text("obx_reference_range")?, text("obx_abnormal_flags")?);
        let value = number_text(score);
        rows.of_set(&Row { kind: "NM", code: "TotalScore", value, range, flags, ..Row::default() });
    }
    if let Some(severity) = set.get("score_severity").filter(|severity| truthy(severity)) {
        let value = number_text(severity);
        rows.of_set(&Row { kind: "ST", code: "Severity", value, ..Row::default() });
    }
    if let Some(due) = set.get("time_next_obs_set_due").filter(|due| truthy(due)) {
        let value = times.read(due)?;
        rows.of_set(&Row { kind: "TS", code: "TimeNextObsSetDue", value, ..Row::default() });
    }
    if let Some(late) = set.get("mins_late").filter(|late| truthy(late)) {
        let value = number_text(late);
        rows.of_set(&Row { kind: "NM", code: "MinutesLate", value, ..Row::default() });
    }
    Ok(())
}

impl<'a> Observation<'a> {
    /// The first observation of a kind, unless it says nothing.
    fn first(observations: &'a [Value], kind: &str) -> Result<Option<Self>, OruError> {
        for observation in observations {
            let members = observation
                .as_object()
                .map(Object::new)
                .ok_or_else(|| OruError::Value("an observation is not an object".to_owned()))?;
            if members.required("observation_type")?.as_str() == Some(kind) {
                let found = Self { members };
                return Ok(if found.is_silent()? { None } else { Some(found) });
            }
        }
        Ok(None)
    }

    /// No value, no text, and not refused either.
    fn is_silent(self) -> Result<bool, OruError> {
        if !self.value()?.is_null() || !self.members.required("observation_string")?.is_null() {
            return Ok(false);
        }
        Ok(self.members.required("patient_refused")? == &Value::Bool(false))
    }

    fn value(self) -> Result<&'a Value, OruError> {
        self.members.required("observation_value")
    }

    /// `observation_string`, if it is a text.
    fn text(self) -> Option<&'a str> {
        self.members.get("observation_string").and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn metadata(self, name: &str) -> Option<&'a Value> {
        self.members.get("observation_metadata")?.get(name)
    }
}

struct Writer<'r, 'a> {
    rows: &'r mut Rows<'a>,
    times: &'r TimeForm<'r>,
}

impl Writer<'_, '_> {
    fn time(&self, observation: Observation<'_>) -> Result<String, OruError> {
        self.times.required(observation.members, "measured_time")
    }

    fn measurement(
        &mut self,
        observation: Option<Observation<'_>>,
        code: &str,
        form: Form,
        score: Score,
    ) -> Result<(), OruError> {
        let Some(observation) = observation else { return Ok(()) };
        let time = self.time(observation)?;
        let refused = observation.members.required("patient_refused")? == &Value::Bool(true);
        let value = match form {
            _ if refused => REFUSED.to_owned(),
            Form::Rounded => rounded(observation.value()?)?,
            Form::Raw => number_text(observation.value()?),
        };
        let unit = unit(observation)?;
        self.rows.collected(&Row { kind: "NM", code, value, unit, ..Row::default() }, &time);
        self.score(observation, code, score, &time)
    }

    fn score(
        &mut self,
        observation: Observation<'_>,
        code: &str,
        score: Score,
        time: &str,
    ) -> Result<(), OruError> {
        let found = match score {
            Score::Required => Some(observation.members.required("score_value")?),
            Score::IfScored => observation.members.filled("score_value"),
        };
        if let Some(found) = found {
            let (code, value) = (format!("{code}Score"), number_text(found));
            self.rows.measured(&Row { kind: "NM", code: &code, value, ..Row::default() }, time);
        }
        Ok(())
    }

    /// The patient's position at the measurement of the blood pressure.
    fn position(
        &mut self,
        systolic: Option<Observation<'_>>,
        diastolic: Option<Observation<'_>>,
    ) -> Result<(), OruError> {
        for observation in [systolic, diastolic].into_iter().flatten() {
            if let Some(position) =
                observation.metadata("patient_position").filter(|position| truthy(position))
            {
                let (value, time) = (escaped(&plain(position)), self.time(observation)?);
                self.rows.collected(&Row { kind: "ST", code: "BPPOS", value, ..Row::default() }, &time);
                return Ok(());
            }
        }
        Ok(())
    }

    fn oxygen(
        &mut self,
        observation: Option<Observation<'_>>,
        configuration: &Configuration,
    ) -> Result<(), OruError> {
        let Some(observation) = observation else { return Ok(()) };
        let (time, unit) = (self.time(observation)?, unit(observation)?);
        let value = number_text(observation.value()?);
        self.rows.collected(&Row { kind: "NM", code: "O2Rate", value, unit, ..Row::default() }, &time);
        if let Some(value) = mask(observation, configuration) {
            self.rows.collected(&Row { kind: "CE", code: "O2Delivery", value, ..Row::default() }, &time);
        }
        self.score(observation, "O2", Score::IfScored, &time)
    }

    fn consciousness(&mut self, observation: Option<Observation<'_>>) -> Result<(), OruError> {
        let Some(observation) = observation else { return Ok(()) };
        // Refused or not stated: nothing can be said.
        let Some(text) = observation.text() else { return Ok(()) };
        let time = self.time(observation)?;
        let first: String = text.chars().take(1).collect();
        let value = format!("{}^{}", escaped(&first), escaped(text));
        self.rows.collected(&Row { kind: "CE", code: "ACVPU", value, ..Row::default() }, &time);
        self.score(observation, "ACVPU", Score::Required, &time)
    }

    /// The Glasgow coma scale.
    fn coma_scale(&mut self, observation: Option<Observation<'_>>) -> Result<(), OruError> {
        let Some(observation) = observation else { return Ok(()) };
        let time = self.time(observation)?;
        for (code, name) in
            [("GCS-Eyes", "gcs_eyes"), ("GCS-Verbal", "gcs_verbal"), ("GCS-Motor", "gcs_motor")]
        {
            let value = observation.metadata(name).filter(|value| !value.is_null());
            let description =
                observation.metadata(&format!("{name}_description")).filter(|text| truthy(text)).map(plain);
            if let (Some(value), Some(description)) = (value, description) {
                let value = format!("{}^{}", number_text(value), escaped(&description));
                self.rows.collected(&Row { kind: "CE", code, value, ..Row::default() }, &time);
            }
        }
        let value = observation.value()?;
        if !value.is_null() {
            let value = truncated(value);
            self.rows.collected(&Row { kind: "NM", code: "GCS", value, ..Row::default() }, &time);
        }
        Ok(())
    }

    fn concerns(&mut self, observation: Option<Observation<'_>>) -> Result<(), OruError> {
        let Some(observation) = observation else { return Ok(()) };
        let Some(text) = observation.text() else { return Ok(()) };
        let time = self.time(observation)?;
        for concern in text.split(',') {
            let value = escaped(concern.trim());
            self.rows.collected(&Row { kind: "ST", code: "NC", value, ..Row::default() }, &time);
        }
        Ok(())
    }
}

fn unit(observation: Observation<'_>) -> Result<String, OruError> {
    match optional_text(observation.members.required("observation_unit")?)? {
        "" => Ok(String::new()),
        unit => Ok(format!("^{}", escaped(unit))),
    }
}

/// Code and name of the oxygen mask, if the configuration knows it.
fn mask(observation: Observation<'_>, configuration: &Configuration) -> Option<String> {
    let name = observation.metadata("mask")?.as_str().filter(|name| !name.is_empty())?;
    let (_, code) = configuration.masks.iter().find(|(known, _)| known == name)?;
    let percent = observation.metadata("mask_percent").filter(|percent| !percent.is_null()).map(plain);
    let code = code.replace("{mask_percent}", percent.as_deref().unwrap_or("21"));
    let name = percent.map_or_else(|| name.to_owned(), |percent| format!("{name} {percent}%"));
    Some(format!("{}^{}", escaped(&code), escaped(&name)))
}
