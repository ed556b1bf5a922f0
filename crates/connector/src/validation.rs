//! The rules that an incoming message has to follow; the first that is broken decides.

use emap_hl7::Positional;

use crate::{patients, refusal::Refusal};

const TRIGGERS: [&str; 25] = [
    "A01", "A02", "A03", "A04", "A05", "A08", "A11", "A12", "A13", "A14", "A15", "A21", "A22", "A23", "A26",
    "A27", "A28", "A31", "A34", "A35", "A38", "A40", "A44", "A52", "A53",
];
const UNWANTED_ENCOUNTERS: [&str; 3] = ["WAITLIST", "PREADMIT", "RECURRING"];

/// Whether the platform's services want to hear of a message of this type.
///
/// # Errors
/// When it is no ADT message, or its trigger event is not in the list.
pub(crate) fn type_is_wanted(message: &Positional<'_>) -> Result<(), Refusal> {
    let part = |component| message.component("MSH", 9, component).unwrap_or_default();
    let (kind, trigger) = (part(1), part(2));
    if kind != "ADT" {
        return Err(Refusal::Type(kind.into_owned()));
    }
    if !TRIGGERS.contains(&&*trigger) {
        return Err(Refusal::Trigger(trigger.into_owned()));
    }
    Ok(())
}

/// Whether it says whom it is about, and is about something that is wanted.
///
/// # Errors
/// The first rule that it breaks.
pub(crate) fn content_is_usable(message: &Positional<'_>) -> Result<(), Refusal> {
    if !message.has("PID") {
        return Err(Refusal::NoPatient);
    }
    let has = |value: Option<std::borrow::Cow<'_, str>>| value.is_some_and(|value| !value.is_empty());
    let (nhs_number, mrn) = (patients::nhs_number(message, ("PID", 3))?, patients::mrn(message, ("PID", 3))?);
    if !has(nhs_number) && !has(mrn) {
        return Err(Refusal::NoMrnAndNhsNumber);
    }
    if message.has("PV1") {
        if let Some(class) = message.get("PV1", 2)
            && UNWANTED_ENCOUNTERS.contains(&&*class)
        {
            return Err(Refusal::EncounterType(class.into_owned()));
        }
        if message.get("PV1", 3).is_none() {
            return Err(Refusal::NoWard);
        }
    }
    Ok(())
}
