//! What a visit has on record besides where the patient is.

use crate::{flowsheets::Charted, labs::Sample};

/// Of a patient who is here. Numbers count from 1 in each visit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chart {
    /// The sheet that was filled in last.
    pub(crate) charted: Option<Charted>,
    /// Samples that the main laboratory is not done with.
    pub(crate) samples: Vec<Sample>,
    /// Pathology specimens that are not reported yet.
    pub(crate) specimens: Vec<u64>,
    pub(crate) allergies: u64,
    pub(crate) problems: u64,
    pub(crate) infections: u64,
    /// Numbers of the consult requests that were not called off.
    pub(crate) consults: Vec<u64>,
    /// Numbers of the advance decisions in force.
    pub(crate) decisions: Vec<u64>,
}
