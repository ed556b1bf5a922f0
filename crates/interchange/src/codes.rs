//! Closed lists of constants that messages carry by name.

use crate::wire::declare::constants;

constants! {
    /// The kind of a patient's stay; codes of PV1-2, exact and case-sensitive.
    pub enum PatientClass by from_hl7_code, hl7_code {
        /// Comes and goes on the same day.
        DayCase = "DAY_CASE" | "DAY CASE",
        /// In the emergency department.
        Emergency = "EMERGENCY" | "E",
        /// Stays on a ward.
        Inpatient = "INPATIENT" | "I",
        /// No class applies.
        NotApplicable = "NOT_APPLICABLE" | "N",
        /// Born in this stay.
        NewBorn = "NEW_BORN" | "B",
        /// Admitted for an operation.
        SurgicalAdmission = "SURGICAL_ADMISSION" | "SURG ADMIT",
        /// Expected, not yet admitted.
        PreAdmit = "PRE_ADMIT" | "P",
        /// Visits a clinic.
        Outpatient = "OUTPATIENT" | "O",
    }
}

constants! {
    /// What kind of movement is pending.
    pub enum PendingType {
        /// An admission is expected.
        Admit = "ADMIT",
        /// A transfer is expected.
        Transfer = "TRANSFER",
        /// A discharge is expected.
        Discharge = "DISCHARGE",
    }
}

constants! {
    /// What happened to a condition; codes of PRB-1 and IAM-6.
    pub enum ConditionAction by from_hl7_code, hl7_code {
        /// It was found.
        Add = "ADD" | "AD",
        /// More is known about it.
        Update = "UPDATE" | "UP",
        /// It was noted by mistake.
        Delete = "DELETE" | "DE",
    }
}

constants! {
    /// The kind of a value; the text is the media type that core stores.
    pub enum ValueType by from_mime_type, mime_type {
        /// A number.
        Numeric = "NUMERIC" | "numeric/plain",
        /// Text.
        Text = "TEXT" | "text/plain",
        /// A calendar date.
        Date = "DATE" | "temporal/date",
        /// A time of day.
        Time = "TIME" | "temporal/time",
        /// A point in time.
        Instant = "INSTANT" | "temporal/utcinstant",
        /// True or false.
        Boolean = "BOOLEAN" | "boolean",
        /// A document in PDF.
        Pdf = "PDF" | "application/pdf",
        /// A culture of the microbiology, with its own rows.
        LabIsolate = "LAB_ISOLATE" | "link/lab_isolate",
    }
}

constants! {
    /// Stage of a laboratory result; codes of OBX-11, exact.
    pub enum LabResultStatus by from_hl7_code, hl7_code {
        /// Final.
        Final = "FINAL" | "F",
        /// A final result was corrected.
        Corrected = "CORRECTED" | "C",
        /// Preliminary.
        Preliminary = "PRELIMINARY" | "P",
        /// Incomplete.
        Incomplete = "INCOMPLETE" | "I",
        /// No result can be obtained.
        ResultNotAvailable = "RESULT_NOT_AVAILABLE" | "X",
        /// Deleted.
        Deleted = "DELETED" | "D",
        /// Known to be wrong.
        InvalidResult = "INVALID_RESULT" | "W",
        /// A value outside the usual list.
        NonstandardValue = "NONSTANDARD_VALUE" | "Z",
        /// Not said, or not understood.
        Unknown = "UNKNOWN" | "",
    }
}

constants! {
    /// What a piece of laboratory metadata is about.
    pub enum LabsMetadataType {
        /// One test.
        Test = "LABS_METADATA_TEST",
        /// A group of tests that is ordered together.
        Battery = "LABS_METADATA_BATTERY",
    }
}

constants! {
    /// The system whose codes an order uses.
    pub enum OrderCodingSystem {
        /// The central laboratory.
        WinPath = "WIN_PATH",
        /// Blood gas analysers on the wards.
        Abl90FlexPlus = "ABL90_FLEX_PLUS",
        /// Other devices on the wards.
        BioConnect = "BIO_CONNECT",
        /// Pathology.
        CoPath = "CO_PATH",
        /// The blood bank.
        BankManager = "BANK_MANAGER",
        /// Imaging.
        Pacs = "PACS",
        /// Blood products.
        BloodProducts = "BLOOD_PRODUCTS",
        /// Flowsheets.
        Flowsheet = "FLOWSHEET",
        /// Consults.
        ConsultOrder = "CONSULT_ORDER",
        /// Advance decisions.
        AdvancedDecisionOrder = "ADVANCED_DECISION_ORDER",
    }
}

constants! {
    /// State of a record in the hospital system; the text is what people see and core stores.
    pub enum EpicRecordStatus by from_display_text, display_text {
        /// In use.
        Active = "ACTIVE" | "Active",
        /// Out of use.
        Inactive = "INACTIVE" | "Inactive",
        /// Deleted.
        Deleted = "DELETED" | "Deleted",
        /// Out of use and deleted.
        InactiveAndDeleted = "INACTIVE_AND_DELETED" | "Inactive and Deleted",
        /// Hidden.
        Hidden = "HIDDEN" | "Hidden",
        /// Out of use and hidden.
        InactiveAndHidden = "INACTIVE_AND_HIDDEN" | "Inactive and Hidden",
        /// Deleted and hidden.
        DeletedAndHidden = "DELETED_AND_HIDDEN" | "Deleted and Hidden",
        /// Out of use, deleted and hidden.
        InactiveDeletedAndHidden = "INACTIVE_DELETED_AND_HIDDEN" | "Inactive Deleted and Hidden",
    }
}

#[cfg(test)]
mod tests {
    use super::{EpicRecordStatus, LabResultStatus, PatientClass, ValueType};

    #[test]
    fn hl7_codes_are_exact() {
        assert_eq!(PatientClass::from_hl7_code("SURG ADMIT"), Some(PatientClass::SurgicalAdmission));
        for wrong in ["", "i", "INPATIENT", "DAY_CASE", " I"] {
            assert_eq!(PatientClass::from_hl7_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_core_stores_is_the_second_text() {
        assert_eq!(ValueType::LabIsolate.mime_type(), "link/lab_isolate");
        assert_eq!(EpicRecordStatus::InactiveDeletedAndHidden.display_text(), "Inactive Deleted and Hidden");
        assert_eq!(EpicRecordStatus::from_display_text("active"), None);
        assert_eq!(LabResultStatus::from_hl7_code(""), Some(LabResultStatus::Unknown));
    }
}
