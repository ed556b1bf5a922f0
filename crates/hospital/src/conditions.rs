//! Conditions: allergies, problems and infections.

use chrono::TimeDelta;
use emap_interchange::Instant;

use crate::chance::Chance;

/// Allergies or problems in a message, at most.
const MOST: u64 = 3;
/// Allergies or problems of a visit, at most.
const ON_RECORD: u64 = 5;

/// Kind, allergen, severity and reactions.
const ALLERGIES: [(&str, &str, &str, &[&str]); 6] = [
    ("Drug Class", "PENICILLINS", "High", &["Rash", "Swelling"]),
    ("Drug Ingredient", "CODEINE", "Low", &["Nausea"]),
    ("Food", "PEANUTS", "High", &["Wheeze", "Hives"]),
    ("Environ", "LATEX", "Medium", &["Itching"]),
    ("Drug Ingredient", "IBUPROFEN", "Medium", &["Wheeze"]),
    ("Food", "SHELLFISH", "Medium", &["Hives"]),
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

/// Which entry a message is about: the next new one, or one of those on record. Counts from 1.
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

/// A change of one of the patient's allergies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Allergy {
    pub(crate) id: u64,
    pub(crate) is_new: bool,
    pub(crate) kind: &'static str,
    pub(crate) allergen: &'static str,
    pub(crate) severity: &'static str,
    pub(crate) reactions: &'static [&'static str],
    pub(crate) reported: Instant,
}

/// A change of one of the patient's problems.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) id: u64,
    pub(crate) is_new: bool,
    pub(crate) is_resolved: bool,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) updated: Instant,
}

/// A new infection of the patient.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Infection {
    pub(crate) name: &'static str,
    pub(crate) added: Instant,
}

/// Changes of some of the allergies of a visit, of which so many are on record.
pub(crate) fn allergies(visit: u64, on_record: &mut u64, at: Instant, chance: &mut Chance) -> Vec<Allergy> {
    let count = chance.up_to(MOST);
    let change = |_| {
        let (number, is_new) = entry(on_record, chance);
        let (kind, allergen, severity, reactions) = nth(&ALLERGIES, visit, number);
        let reported = at - TimeDelta::minutes(2);
        Allergy { id: visit * 10 + number, is_new, kind, allergen, severity, reactions, reported }
    };
    (0..count).map(change).collect()
}

/// Changes of some of the problems of a visit, of which so many are on record.
pub(crate) fn problems(visit: u64, on_record: &mut u64, at: Instant, chance: &mut Chance) -> Vec<Problem> {
    let count = chance.up_to(MOST);
    let change = |_| {
        let (number, is_new) = entry(on_record, chance);
        let (code, name) = nth(&PROBLEMS, visit, number);
        let is_resolved = !is_new && chance.share(0.3);
        Problem {
            id: visit * 10 + number,
            is_new,
            is_resolved,
            code,
            name,
            updated: at - TimeDelta::minutes(3),
        }
    };
    (0..count).map(change).collect()
}

/// One more infection of a visit, of which so many are on record.
pub(crate) fn infection(visit: u64, on_record: &mut u64, at: Instant) -> Infection {
    *on_record += 1;
    Infection { name: nth(&INFECTIONS, visit, *on_record), added: at - TimeDelta::minutes(30) }
}
