//! Consults: a specialist is asked to see a patient.

use crate::{
    types::{Instant, Questions},
    value::InterchangeValue,
    wire::declare::record,
};

record! {
    /// A consult that was requested, changed or closed.
    pub struct ConsultRequest as "ConsultRequest" {
        /// The hospital system's number of the request.
        epic_consult_id = "epicConsultId": Option<i64>,
        /// Hospital number of the patient.
        mrn = "mrn": Option<String>,
        /// Number of the visit.
        visit_number = "visitNumber": Option<String>,
        /// Code of the type of consult.
        consultation_type = "consultationType": Option<String>,
        /// When the request last changed.
        status_change_date_time = "statusChangeDatetime": Option<Instant>,
        /// When it is to begin.
        scheduled_date_time = "scheduledDatetime": Option<Instant>,
        /// What was asked and answered.
        questions = "questions": Questions,
        /// Remarks.
        notes = "notes": InterchangeValue<String>,
        /// Whether it was cancelled.
        cancelled = "cancelled": bool,
        /// Whether it ended because the patient went home.
        closed_due_to_discharge = "closedDueToDischarge": bool,
    }
}

record! {
    /// What a type of consult is called. The source id is the code too.
    pub struct ConsultMetadata as "ConsultMetadata" {
        /// Code of the type.
        code = "code": Option<String>,
        /// Its name.
        name = "name": Option<String>,
        /// When it last changed.
        last_updated_date = "lastUpdatedDate": Option<Instant>,
    }
}
