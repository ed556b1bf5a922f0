//! The day's messages: files with HL7 messages, separated by blank lines.

use chrono::{TimeDelta, Utc};
use emap_hl7::{Fields, HospitalZone, Message};
use emap_ids::NewRow;

/// In the order in which they arrived.
const FILES: [&str; 4] = [
    include_str!("../../../test-files/hl7/demo/1-night.hl7"),
    include_str!("../../../test-files/hl7/demo/2-morning.hl7"),
    include_str!("../../../test-files/hl7/demo/3-afternoon.hl7"),
    include_str!("../../../test-files/hl7/demo/4-evening.hl7"),
];

/// Rows for the message store, in the order of arrival.
pub(super) fn rows() -> Vec<NewRow> {
    let first = Utc::now();
    let texts = FILES.iter().flat_map(|file| file.trim().split("\n\n"));
    texts.zip(0..).map(|(text, place)| row(text, first + TimeDelta::milliseconds(place))).collect()
}

/// The message with the columns that a receiving interface fills; a broken message has only its text.
fn row(text: &str, persisted: chrono::DateTime<Utc>) -> NewRow {
    let hl7 = text.trim().replace('\n', "\r");
    let described = Message::parse(&hl7).map_or_else(|_| NewRow::default(), |message| describe(&message));
    NewRow { persist_datetime: Some(persisted), hl7_message: Some(hl7), ..described }
}

fn describe(message: &Message) -> NewRow {
    let fields = |segment| message.segment(segment).map_or_else(Fields::missing, |found| found.fields());
    let (header, patient, visit) = (message.header(), fields("PID"), fields("PV1"));
    let zone = HospitalZone(emap_ids::DEFAULT_ZONE);
    let component = |fields: &Fields, field, component| -> Option<String> {
        fields.field(field).component(component).value().literal().map(std::borrow::Cow::into_owned)
    };
    let born = patient.field(7).timestamp().ok().flatten();
    let written = header.field(7).timestamp().ok().flatten();
    NewRow {
        patient_name: component(&patient, 5, 2),
        patient_surname: component(&patient, 5, 1),
        date_of_birth: born.map(|born| born.instant(zone)),
        nhs_number: patient.field(3).repetition(2).value().literal().map(std::borrow::Cow::into_owned),
        hospital_number: component(&patient, 3, 1),
        patient_class: component(&visit, 2, 1),
        patient_location: Some(visit.field(3).raw().to_owned()).filter(|place| !place.is_empty()),
        message_type: component(&header, 9, 2),
        sender_application: component(&header, 3, 1),
        message_identifier: component(&header, 10, 1),
        message_datetime: written.map(|written| written.instant(zone)),
        ..NewRow::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::rows;

    #[test]
    fn the_day_is_as_eventful_as_promised() {
        let rows = rows();
        assert!(rows.len() >= 95);
        let patients: HashSet<_> = rows.iter().filter_map(|row| row.hospital_number.as_ref()).collect();
        assert!(patients.len() >= 15);
        let wards: HashSet<_> =
            rows.iter().filter_map(|row| row.patient_location.as_ref()?.split('^').next()).collect();
        assert_eq!(wards, HashSet::from(["ED", "AMU", "SUR", "CAR"]));
        let texts: HashSet<_> = rows.iter().filter_map(|row| row.hl7_message.as_ref()).collect();
        assert_eq!(rows.len() - texts.len(), 3, "three messages come twice");
        let written: Vec<_> = rows.iter().filter_map(|row| row.message_datetime).collect();
        assert!(!written.is_sorted(), "some are late");
    }

    #[test]
    fn rows_carry_what_an_interface_fills_in() {
        let rows = rows();
        let second = &rows[1];
        assert_eq!(second.message_type.as_deref(), Some("A04"));
        assert_eq!(second.sender_application.as_deref(), Some("EPIC"));
        assert_eq!(second.patient_location.as_deref(), Some("ED^ED MAJORS^ED-M01^HBR"));
        assert!(rows.iter().all(|row| row.persist_datetime.is_some()));
    }
}
