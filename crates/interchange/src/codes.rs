//! Closed lists of constants that messages carry by name.

use crate::wire::constants;

constants! {
    /// The kind of a patient's stay.
    pub enum PatientClass {
        /// Comes and goes on the same day.
        DayCase = "DAY_CASE",
        /// In the emergency department.
        Emergency = "EMERGENCY",
        /// Stays on a ward.
        Inpatient = "INPATIENT",
        /// No class applies.
        NotApplicable = "NOT_APPLICABLE",
        /// Born in this stay.
        NewBorn = "NEW_BORN",
        /// Admitted for an operation.
        SurgicalAdmission = "SURGICAL_ADMISSION",
        /// Expected, not yet admitted.
        PreAdmit = "PRE_ADMIT",
        /// Visits a clinic.
        Outpatient = "OUTPATIENT",
    }
}

impl PatientClass {
    /// The class for a code of field PV1-2 (exact, case-sensitive), if it is a known one.
    pub fn from_hl7_code(code: &str) -> Option<Self> {
        Some(match code {
            "DAY CASE" => Self::DayCase,
            "E" => Self::Emergency,
            "I" => Self::Inpatient,
            "N" => Self::NotApplicable,
            "B" => Self::NewBorn,
            "SURG ADMIT" => Self::SurgicalAdmission,
            "P" => Self::PreAdmit,
            "O" => Self::Outpatient,
            _ => return None,
        })
    }
}

constants! {
    /// What kind of movement is pending.
    pub enum PendingType {
        /// An admission is expected.
        Admit = "ADMIT",
        /// A transfer is expected; the only kind that is sent today.
        Transfer = "TRANSFER",
        /// A discharge is expected.
        Discharge = "DISCHARGE",
    }
}

#[cfg(test)]
mod tests {
    use super::PatientClass;

    #[test]
    fn hl7_codes_are_exact() {
        assert_eq!(PatientClass::from_hl7_code("SURG ADMIT"), Some(PatientClass::SurgicalAdmission));
        for wrong in ["", "i", "INPATIENT", "DAY_CASE", " I"] {
            assert_eq!(PatientClass::from_hl7_code(wrong), None, "{wrong}");
        }
    }
}
