//! The day's messages: files with HL7 messages, separated by blank lines.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use chrono::{TimeDelta, Utc};
use emap_hl7::{Fields, HospitalZone, Message};
use emap_ids::NewRow;

/// Where a checkout has the day's files.
const IN_CHECKOUT: &str = "test-files/hl7/demo";

/// The directory with the day's files: in the checkout around the present directory or around this program.
pub(super) fn directory() -> anyhow::Result<PathBuf> {
    let starts = [std::env::current_dir(), std::env::current_exe()];
    let around = starts.iter().flatten().flat_map(|start| start.ancestors());
    let found = around.map(|directory| directory.join(IN_CHECKOUT)).find(|directory| directory.is_dir());
    found.with_context(|| {
        format!("no {IN_CHECKOUT} around here: run it in a checkout, or name a directory of HL7 files with --messages")
    })
}

/// Rows for the message store: the messages of all `.hl7` files of a directory, by the names of the files, which is
/// the order of arrival.
pub(super) fn rows(directory: &Path) -> anyhow::Result<Vec<NewRow>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "hl7"));
    files.sort();
    ensure!(!files.is_empty(), "no .hl7 files in {}", directory.display());
    let read =
        |file: &PathBuf| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
    let texts: Vec<String> = files.iter().map(read).collect::<anyhow::Result<_>>()?;
    let messages = texts.iter().flat_map(|text| text.trim().split("\n\n"));
    let first = Utc::now();
    Ok(messages.zip(0..).map(|(text, place)| row(text, first + TimeDelta::milliseconds(place))).collect())
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

    use emap_ids::NewRow;

    use super::{directory, rows};

    fn day() -> Vec<NewRow> {
        rows(&directory().unwrap()).unwrap()
    }

    #[test]
    fn the_day_is_as_eventful_as_promised() {
        let rows = day();
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
    fn a_directory_without_messages_is_refused() {
        let empty = tempfile::tempdir().unwrap();
        let error = rows(empty.path()).unwrap_err();
        assert!(error.to_string().starts_with("no .hl7 files in"), "{error}");
    }

    #[test]
    fn rows_carry_what_an_interface_fills_in() {
        let rows = day();
        let second = &rows[1];
        assert_eq!(second.message_type.as_deref(), Some("A04"));
        assert_eq!(second.sender_application.as_deref(), Some("EPIC"));
        assert_eq!(second.patient_location.as_deref(), Some("ED^ED MAJORS^ED-M01^HBR"));
        assert!(rows.iter().all(|row| row.persist_datetime.is_some()));
    }
}
