//! What a visit has on record besides where the patient is.

use chrono::{DateTime, Utc};

use super::labs::Sample;

/// Of a patient who is here. Numbers count from 1 in each visit.
#[derive(Debug, Clone, Default)]
pub(super) struct Chart {
    /// Which sheet was filled in last, and when.
    pub(super) observed: Option<(usize, DateTime<Utc>)>,
    /// Samples that the laboratory is not done with.
    pub(super) samples: Vec<Sample>,
    pub(super) allergies: u64,
    pub(super) problems: u64,
    pub(super) infections: u64,
    /// Numbers of the consult requests that nobody called off.
    pub(super) consults: Vec<u64>,
    /// Numbers of the advance decisions in force.
    pub(super) decisions: Vec<u64>,
}
