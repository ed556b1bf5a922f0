//! Problems, infections and allergies.

use chrono::{DateTime, NaiveDate, Utc};

use super::identity::{HospitalVisitId, MrnId};
use crate::star_table::star_table;

star_table! {
    /// A kind of problem, infection or allergen.
    ConditionType: audited,
    known_by [data_type, internal_code],
    columns {
        /// Family of the condition: `PROBLEM_LIST`, `PATIENT_INFECTION` or `PATIENT_ALLERGY`.
        data_type: String => (Varchar),
        /// Code in the source system.
        internal_code: Option<String> => (Nullable<Varchar>),
        /// Name for people; null until supplied.
        name: Option<String> => (Nullable<Varchar>),
        /// Kept for a code of a standard vocabulary; no program fills it yet.
        standardised_code: Option<String> => (Nullable<Varchar>),
        /// Kept for the name of that vocabulary; no program fills it yet.
        standardised_vocabulary: Option<String> => (Nullable<Varchar>),
        /// Group of allergens, for example food; null for other conditions.
        sub_type: Option<String> => (Nullable<Varchar>),
    }
    lookups {
        /// The kind with a code in its family.
        shared_unique ConditionTypeByCode: ConditionTypeCode { data_type: String, internal_code: String },
    }
}

star_table! {
    /// A problem, infection or allergy of a patient, from its entry to its resolution.
    PatientCondition: audited,
    known_by [mrn_id, condition_type_id, internal_id, added_datetime],
    columns {
        /// Date of entry (problems).
        added_date: Option<NaiveDate> => (Nullable<Date>),
        /// Time of entry (infections and allergies).
        added_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Kept for the class of a problem; no program fills it yet.
        classification: Option<String> => (Nullable<Varchar>),
        /// Comment of the clinician.
        comment: Option<String> => (Nullable<Text>),
        /// Number of the entry in the source system; null for infections known from HL7 only.
        internal_id: Option<i64> => (Nullable<BigInt>),
        /// True once the source system deleted the entry.
        is_deleted: Option<bool> => (Nullable<Bool>),
        /// Date it began clinically, if known.
        onset_date: Option<NaiveDate> => (Nullable<Date>),
        /// Kept for the priority of a problem; no program fills it yet.
        priority: Option<String> => (Nullable<Varchar>),
        /// Date of resolution (problems).
        resolution_date: Option<NaiveDate> => (Nullable<Date>),
        /// Time of resolution (infections).
        resolution_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Severity in the sender's words.
        severity: Option<String> => (Nullable<Varchar>),
        /// Status in the sender's words, for example active or resolved.
        status: Option<String> => (Nullable<Varchar>),
        /// What the patient has.
        condition_type_id: ConditionTypeId => (BigInt),
        /// Visit of the latest message, if it named one; all visits are in `condition_visits`.
        hospital_visit_id: Option<HospitalVisitId> => (Nullable<BigInt>),
        /// Identifier of the patient.
        mrn_id: MrnId => (BigInt),
    }
    lookups {
        /// Conditions whose latest message named a visit.
        many ConditionByVisit: hospital_visit_id => HospitalVisitId,
        /// Conditions of a patient.
        many ConditionByMrn: mrn_id => MrnId,
        /// Entries with a number in the source system, whatever their family.
        shared_many ConditionByNumber: internal_id => i64,
    }
}

star_table! {
    /// A visit during which a problem or an allergy was mentioned.
    ConditionVisit(condition_visits, condition_visits_id): plain,
    known_by [patient_condition_id, hospital_visit_id],
    columns {
        /// The visit.
        hospital_visit_id: HospitalVisitId => (BigInt),
        /// The problem or allergy.
        patient_condition_id: PatientConditionId => (BigInt),
    }
    lookups {
        /// Mentions of conditions during a visit.
        many ConditionVisitByVisit: hospital_visit_id => HospitalVisitId,
        /// Visits during which a condition was mentioned.
        many ConditionVisitByCondition: patient_condition_id => PatientConditionId,
    }
}

star_table! {
    /// A reaction of a patient to an allergen.
    AllergenReaction: audited,
    known_by [patient_condition_id, name],
    columns {
        /// Name of the reaction.
        name: Option<String> => (Nullable<Varchar>),
        /// The allergy.
        patient_condition_id: PatientConditionId => (BigInt),
    }
    lookups {
        /// Reactions of an allergy.
        many ReactionByCondition: patient_condition_id => PatientConditionId,
    }
}
