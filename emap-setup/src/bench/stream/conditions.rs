//! Conditions: allergies, problems and infections.

use std::fmt::Write;

use chrono::TimeDelta;

use super::StreamMessage;
use super::chance::Chance;
use super::journey::Journey;
use super::mix::{Family, Told};
use super::text::{Header, Moment, Stamp, write_event, write_frame};

/// Allergies or problems in a message, at most.
const MOST: u64 = 3;
/// Allergies or problems of a visit, at most.
const ON_RECORD: u64 = 5;

/// Kind, allergen, severity and reactions.
const ALLERGIES: [[&str; 4]; 6] = [
    ["Drug Class", "PENICILLINS", "High", "Rash~Swelling"],
    ["Drug Ingredient", "CODEINE", "Low", "Nausea"],
    ["Food", "PEANUTS", "High", "Wheeze~Hives"],
    ["Environ", "LATEX", "Medium", "Itching"],
    ["Drug Ingredient", "IBUPROFEN", "Medium", "Wheeze"],
    ["Food", "SHELLFISH", "Medium", "Hives"],
];

/// Code and name.
const PROBLEMS: [(&str, &str); 6] = [
    ("J18.9", "Pneumonia, unspecified"),
    ("I10", "Hypertension"),
    ("E11.9", "Type 2 diabetes"),
    ("N17.9", "Acute kidney injury"),
    ("I48.9", "Atrial fibrillation"),
    ("S72.0", "Fracture of neck of femur"),
];

const INFECTIONS: [&str; 5] = ["MRSA", "VRE", "Influenza A", "C. difficile", "Norovirus"];

/// Which entry is told of: the next new one, or one of those on record. Counts from 1.
fn entry(on_record: &mut u64, chance: &mut Chance) -> (u64, bool) {
    let is_new = *on_record == 0 || (*on_record < ON_RECORD && chance.share(0.5));
    if is_new {
        *on_record += 1;
        return (*on_record, true);
    }
    (chance.up_to(*on_record), false)
}

/// Entry of a table for a patient's condition: the same number, the same condition.
fn nth<T: Copy>(table: &[T], visit: u64, number: u64) -> T {
    let place = usize::try_from((visit + number) % table.len() as u64);
    table[place.unwrap_or(0)]
}

/// A change of some of the patient's allergies.
pub(super) fn allergies(journey: &mut Journey, moment: Moment, chance: &mut Chance) -> StreamMessage {
    let count = chance.up_to(MOST);
    let header = Header { sender: "EPIC", facility: "BENCHHOSP", message_type: "ADT", trigger: "A60" };
    StreamMessage::written(header, moment, Told::only(Family::Others, count), |text| {
        write_event(text, header, moment)?;
        write_frame(text, journey)?;
        let reported = Stamp(moment.at - TimeDelta::minutes(2));
        for number in 1..=count {
            let (entry, is_new) = entry(&mut journey.chart.allergies, chance);
            let [kind, allergen, severity, reactions] = nth(&ALLERGIES, journey.visit, entry);
            let action = if is_new { "A" } else { "U" };
            let id = journey.visit * 10 + entry;
            write!(
                text,
                "IAM|{number}|{kind}|^{allergen}|{severity}|{reactions}|{action}|{id}||||20190630||"
            )?;
            write!(text, "{reported}||||Active\r")?;
        }
        Ok(())
    })
}

/// A change of some of the patient's problems.
pub(super) fn problems(journey: &mut Journey, moment: Moment, chance: &mut Chance) -> StreamMessage {
    let count = chance.up_to(MOST);
    let header = Header { sender: "EPIC", facility: "Problem List", message_type: "PPR", trigger: "PC1" };
    StreamMessage::written(header, moment, Told::only(Family::Others, count), |text| {
        write_event(text, header, moment)?;
        write_frame(text, journey)?;
        let updated = Stamp(moment.at - TimeDelta::minutes(3));
        let day = moment.at.format("%Y%m%d");
        for number in 1..=count {
            let (entry, is_new) = entry(&mut journey.chart.problems, chance);
            let (code, name) = nth(&PROBLEMS, journey.visit, entry);
            let id = journey.visit * 10 + entry;
            let is_resolved = !is_new && chance.share(0.3);
            let (action, status) = match (is_new, is_resolved) {
                (true, _) => ("AD", "ACTIVE"),
                (false, false) => ("UP", "ACTIVE"),
                (false, true) => ("UP", "RESOLVED"),
            };
            let resolved = if is_resolved { day.to_string() } else { String::new() };
            write!(text, "PRB|{action}|{updated}|{code}^{name}^I10UK|{id}|||{day}||{resolved}||||{status}")?;
            write!(text, "|||20240115\rNTE|{number}||Seen on the ward round~Plan as discussed\r")?;
        }
        Ok(())
    })
}

/// An appointment, and with it a new infection of the patient.
pub(super) fn infection(journey: &mut Journey, moment: Moment) -> StreamMessage {
    journey.chart.infections += 1;
    let name = nth(&INFECTIONS, journey.visit, journey.chart.infections);
    let header = Header { sender: "EPIC", facility: "BENCHHOSP", message_type: "ADT", trigger: "A05" };
    StreamMessage::written(header, moment, Told::with_patient(Family::Others, 1), |text| {
        write_event(text, header, moment)?;
        write_frame(text, journey)?;
        write!(text, "ZIF|{name}^{}\r", Stamp(moment.at - TimeDelta::minutes(30)))
    })
}
