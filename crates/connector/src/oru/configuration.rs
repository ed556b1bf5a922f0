//! What the hospital's configuration says about messages to it.

use serde_json::{Map, Value};

use super::failure::OruError;

/// How messages to the hospital look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// MSH-3.
    pub sending_application: String,
    /// MSH-4.
    pub sending_facility: String,
    /// MSH-5.
    pub receiving_application: String,
    /// MSH-6.
    pub receiving_facility: String,
    /// MSH-11.
    pub processing_id: String,
    /// Pattern of times, as `strftime` has it, and `%L` for milliseconds.
    pub timestamp_format: String,
    /// Names and codes of oxygen masks.
    pub masks: Vec<(String, String)>,
}

impl Configuration {
    /// Whether messages are wanted at all.
    ///
    /// # Errors
    /// When the configuration does not say.
    pub fn is_enabled(configuration: &Value) -> Result<bool, OruError> {
        let flag = member(member_object(configuration, "send_config")?, "generate_oru_messages")?;
        Ok(flag == &Value::Bool(true))
    }

    /// Reads it.
    ///
    /// # Errors
    /// When something is missing.
    pub fn read(configuration: &Value) -> Result<Self, OruError> {
        let hl7 = member_object(configuration, "hl7_config")?;
        let text = |name: &str| {
            let value = member(hl7, name)?;
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| OruError::Value(format!("'{name}' is not a text")))
        };
        let masks = member(member_object(configuration, "send_config")?, "oxygen_masks")?;
        let masks = masks.as_array().map(Vec::as_slice).unwrap_or_default();
        let mask = |mask: &Value| {
            let part = |name: &str| mask.get(name).and_then(Value::as_str).map(str::to_owned);
            Some((part("name")?, part("code")?))
        };
        Ok(Self {
            sending_application: text("outgoing_sending_application")?,
            sending_facility: text("outgoing_sending_facility")?,
            receiving_application: text("outgoing_receiving_application")?,
            receiving_facility: text("outgoing_receiving_facility")?,
            processing_id: text("outgoing_processing_id")?,
            timestamp_format: text("outgoing_timestamp_format")?,
            masks: masks.iter().filter_map(mask).collect(),
        })
    }
}

fn member_object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, OruError> {
    let found = value.get(name).ok_or_else(|| OruError::MissingKey(name.to_owned()))?;
    found.as_object().ok_or_else(|| OruError::Value(format!("'{name}' is not an object")))
}

fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a Value, OruError> {
    object.get(name).ok_or_else(|| OruError::MissingKey(name.to_owned()))
}
