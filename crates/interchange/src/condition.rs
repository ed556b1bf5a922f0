//! Conditions of patients: allergies, infections and problems, one family of messages.

mod kind;

pub use self::kind::ConditionKind;

use chrono::NaiveDate;

use crate::{codes::ConditionAction, types::Instant, value::InterchangeValue, wire::declare::record};

record! {
    /// What every message about a condition says.
    pub struct Condition {
        /// Hospital number of the patient.
        mrn = "mrn": Option<String>,
        /// State of the condition.
        status = "status": InterchangeValue<String>,
        /// Number of the visit.
        visit_number = "visitNumber": InterchangeValue<String>,
        /// Code of the allergen, infection or problem.
        condition_code = "conditionCode": Option<String>,
        /// Its name.
        condition_name = "conditionName": InterchangeValue<String>,
        /// When this was said.
        updated_date_time = "updatedDateTime": Option<Instant>,
        /// When the condition was noted.
        added_date_time = "addedDatetime": Option<Instant>,
        /// When it began.
        onset_date = "onsetDate": InterchangeValue<NaiveDate>,
        /// What is done with it.
        action = "action": Option<ConditionAction> = Some(ConditionAction::Add),
        /// The hospital system's id of this condition of this patient.
        epic_condition_id = "epicConditionId": InterchangeValue<i64>,
        /// Comment.
        comment = "comment": InterchangeValue<String>,
        /// Kind of allergen, and the like.
        sub_type = "subType": InterchangeValue<String>,
        /// How bad it is.
        severity = "severity": InterchangeValue<String>,
    } with {
        /// Which kind of condition, with what only this kind has.
        pub kind: ConditionKind,
    }
}
