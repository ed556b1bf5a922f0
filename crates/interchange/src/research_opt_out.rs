//! Patients who opt out of the use of their data for research.

use crate::{types::Instant, wire::declare::record};

record! {
    /// An opt-out, or that it no longer holds. At least one of the numbers is expected.
    pub struct ResearchOptOut as "ResearchOptOut" {
        /// National number of the patient.
        nhs_number = "nhsNumber": Option<String>,
        /// Hospital number of the patient.
        mrn = "mrn": Option<String>,
        /// When the patient said so.
        last_updated = "lastUpdated": Option<Instant>,
        /// Whether the opt-out holds.
        active = "active": bool,
    }
}
