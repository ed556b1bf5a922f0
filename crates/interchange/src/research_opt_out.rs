//! Patients who do not want their data used for research.

use crate::Instant;
use crate::wire::record;

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
