//! Advance decisions: what shall be done, or not, when the patient can no longer say so.

use crate::{
    types::{Instant, Questions},
    wire::declare::record,
};

record! {
    /// A decision made, changed or closed.
    pub struct AdvanceDecision as "AdvanceDecisionMessage" {
        /// The hospital system's number of the decision.
        advance_decision_number = "advanceDecisionNumber": Option<i64>,
        /// Hospital number of the patient.
        mrn = "mrn": Option<String>,
        /// Number of the visit.
        visit_number = "visitNumber": Option<String>,
        /// Code of the type of decision.
        advance_care_code = "advanceCareCode": Option<String>,
        /// Name of the type.
        advance_decision_type_name = "advanceDecisionTypeName": Option<String>,
        /// What was asked and answered.
        questions = "questions": Questions,
        /// When the decision last changed.
        status_change_date_time = "statusChangeDatetime": Option<Instant>,
        /// When it was requested.
        requested_date_time = "requestedDatetime": Option<Instant>,
        /// Whether it was cancelled.
        cancelled = "cancelled": bool,
        /// Whether it ended because the patient went home.
        closed_due_to_discharge = "closedDueToDischarge": bool,
    }
}
