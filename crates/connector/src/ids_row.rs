//! A message as a row of the message store: its text, and the columns by which people search.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use emap_hl7::{LooseTime, Positional};
use emap_ids::NewRow;

use crate::new_message::NewMessage;

/// What the store's text columns hold.
const COLUMN_LENGTH: usize = 255;

/// The row of an accepted message. A value too long for its column is cut; the message itself is whole.
pub(crate) fn describe(
    message: &Positional<'_>,
    stored: &NewMessage,
    zone: Tz,
    now: DateTime<Utc>,
) -> NewRow {
    let text = |segment, field, component| {
        let value = message.component(segment, field, component)?;
        Some(value.chars().take(COLUMN_LENGTH).collect::<String>()).filter(|value| !value.is_empty())
    };
    let time = |segment, field| {
        let value = message.get(segment, field)?;
        LooseTime::parse(&value).ok().map(|time| time.in_zone(zone).to_utc())
    };
    let identifiers = stored.identifiers.clone().unwrap_or_default();
    let cut = |value: Option<String>| {
        value.filter(|value| !value.is_empty()).map(|value| value.chars().take(COLUMN_LENGTH).collect())
    };
    let location = message.raw("PV1", 3);
    NewRow {
        unid: None,
        patient_name: text("PID", 5, 2),
        patient_surname: text("PID", 5, 1),
        date_of_birth: time("PID", 7),
        nhs_number: cut(identifiers.nhs_number),
        hospital_number: cut(identifiers.mrn),
        patient_class: text("PV1", 2, 1),
        patient_location: cut(Some(location.to_owned())),
        admission_date: time("PV1", 44),
        discharge_date: time("PV1", 45),
        message_version: text("MSH", 12, 1),
        message_type: text("MSH", 9, 2),
        sender_application: text("MSH", 3, 1),
        message_identifier: cut(stored.control_id.clone()),
        message_datetime: stored.sent_at.map(|at| at.and_utc()),
        hl7_message: Some(stored.content.clone()),
        persist_datetime: Some(now),
    }
}
