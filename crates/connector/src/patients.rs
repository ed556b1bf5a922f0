//! Whom a message is about: identifiers in PID-3, MRG-1 and PV1-19.

use std::borrow::Cow;

use emap_hl7::{NoSuchField, Positional};
use serde::Serialize;

const MRN_TYPES: &[&str] = &["MRN"];
const NHS_NUMBER_TYPES: &[&str] = &["NHS", "NHSNBR", "NHSNMBR"];

/// Identifiers as they are stored with a message, by the names that a search uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Identifiers {
    /// PID-3 of type NHS.
    #[serde(rename = "NHS number")]
    pub nhs_number: Option<String>,
    /// PID-3 of type MRN.
    #[serde(rename = "MRN")]
    pub mrn: Option<String>,
    /// PV1-19.1.
    #[serde(rename = "Visit ID")]
    pub visit_id: Option<String>,
}

/// The MRN in a field of identifiers.
///
/// # Errors
/// When the segment ends before the field.
pub(crate) fn mrn<'a>(
    message: &Positional<'a>,
    (segment, field): (&str, usize),
) -> Result<Option<Cow<'a, str>>, NoSuchField> {
    message.identifier(segment, field, MRN_TYPES)
}

/// The NHS number in a field of identifiers.
///
/// # Errors
/// When the segment ends before the field.
pub(crate) fn nhs_number<'a>(
    message: &Positional<'a>,
    (segment, field): (&str, usize),
) -> Result<Option<Cow<'a, str>>, NoSuchField> {
    message.identifier(segment, field, NHS_NUMBER_TYPES)
}

impl Identifiers {
    /// Those of a message.
    ///
    /// # Errors
    /// When PID ends before field 3.
    pub fn of(message: &Positional<'_>) -> Result<Self, NoSuchField> {
        let owned = |value: Option<Cow<'_, str>>| value.map(Cow::into_owned);
        Ok(Self {
            nhs_number: owned(nhs_number(message, ("PID", 3))?),
            mrn: owned(mrn(message, ("PID", 3))?),
            visit_id: owned(message.get("PV1", 19)),
        })
    }

    /// What distinguishes one patient from another; `None` if nothing does.
    pub fn patient(&self) -> Option<&str> {
        let filled = |value: &'_ Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
        let by_preference = [&self.mrn, &self.nhs_number, &self.visit_id];
        by_preference.into_iter().find(|value| filled(value)).and_then(Option::as_deref)
    }

    /// As the column's JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
    }
}
