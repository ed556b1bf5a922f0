//! The three kinds of conditions and what each adds to the common part.

use chrono::NaiveDate;

use crate::{types::Instant, value::InterchangeValue, wire::declare::variants};

variants! {
    /// Kind of a condition.
    #[derive(Clone, Debug, PartialEq)]
    pub enum ConditionKind in "" {
        /// Something to be isolated for.
        PatientInfection {
            /// When it was over.
            resolved_date_time = "resolvedDatetime": InterchangeValue<Instant>,
        },
        /// A diagnosis or other problem.
        PatientProblem {
            /// Day it was noted.
            added_date = "addedDate": Option<NaiveDate>,
            /// Day it was over.
            resolved_date = "resolvedDate": Option<NaiveDate>,
        },
        /// An allergy.
        PatientAllergy {
            /// How the patient reacts.
            reactions = "reactions": Vec<String>,
        },
    }
}
