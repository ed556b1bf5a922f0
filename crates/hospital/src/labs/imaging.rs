//! Imaging: reports in parts.

use chrono::TimeDelta;
use emap_interchange::Instant;

use crate::chance::Chance;

/// A report on an examination.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Imaging {
    /// Of the examination.
    pub(crate) number: u64,
    pub(crate) examined: Instant,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// Lines.
    pub(crate) narrative: [&'static str; 2],
    pub(crate) impression: &'static str,
}

/// Code, name, what is seen, what it means.
type Examination = (&'static str, &'static str, [&'static str; 2], &'static str);

const EXAMINATIONS: [Examination; 3] = [
    ("XRCHE", "XR CHEST", ["Lungs are clear.", "Heart of normal size."], "No cause of fever seen."),
    ("CTH", "CT HEAD", ["No bleed.", "No fracture."], "Normal for age."),
    ("XRHIP", "XR HIP LEFT", ["Fracture of the neck of femur.", "Displaced."], "Needs surgery."),
];

/// What is asked with each request, and answered.
pub(crate) const QUESTIONS: [(&str, &str); 2] =
    [("How does the patient travel?", "Bed"), ("Mobile examination?", "No")];

pub(crate) fn imaging(number: u64, at: Instant, chance: &mut Chance) -> Imaging {
    let (code, name, narrative, impression) = chance.pick(&EXAMINATIONS);
    Imaging { number, examined: at - TimeDelta::hours(3), code, name, narrative, impression }
}
