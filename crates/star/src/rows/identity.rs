//! Who the patients are, and their visits.

use chrono::{DateTime, NaiveDate, Utc};

use crate::star_table::star_table;

star_table! {
    /// One patient identifier the hospital has used: a hospital number, an NHS number, or both. A person
    /// may own several; `mrn_to_live` says which one counts.
    Mrn(mrn_rows = "mrn", mrn_id): plain,
    known_by [mrn] or [nhs_number],
    columns {
        /// Hospital number as sent (HL7 PID-3, first repetition). Null while only the NHS number is
        /// known.
        mrn: Option<String> => (Nullable<Varchar>),
        /// NHS number as sent (HL7 PID-3, second repetition), not checked. Several hospital numbers may
        /// share one.
        nhs_number: Option<String> => (Nullable<Varchar>),
        /// True when the patient has withdrawn from research use of their data; research queries must
        /// leave these patients out.
        research_opt_out: bool => (Bool),
        /// System whose message first mentioned this identifier.
        source_system: Option<String> => (Nullable<Varchar>),
        /// When the star database first stored this identifier. Identifiers have no event time.
        stored_from: DateTime<Utc> => (Timestamptz),
    }
    lookups {
        /// The identifier row with a hospital number.
        unique MrnByMrn: mrn => String,
        /// Identifier rows with an NHS number.
        many MrnByNhsNumber: nhs_number => String,
    }
}

star_table! {
    /// Leads from every identifier to the one now in force for the same patient. An identifier that was
    /// never merged leads to itself.
    MrnToLive: audited,
    known_by [mrn_id],
    columns {
        /// The identifier in force.
        live_mrn_id: MrnId => (BigInt),
        /// The identifier that is looked up; it may have been merged away.
        mrn_id: MrnId => (BigInt),
    }
    lookups {
        /// Where an identifier leads.
        many LiveByMrn: mrn_id => MrnId,
        /// Identifiers that lead to a live one.
        many LiveByLiveMrn: live_mrn_id => MrnId,
    }
}

star_table! {
    /// Who the patient is: at most one row per identifier, and none until a patient message arrives.
    CoreDemographic: audited,
    known_by [mrn_id],
    columns {
        /// False once the sender reports the patient as dead (HL7 PID-30); null if never stated.
        alive: Option<bool> => (Nullable<Bool>),
        /// Date of birth (HL7 PID-7).
        date_of_birth: Option<NaiveDate> => (Nullable<Date>),
        /// Local calendar date of `datetime_of_death`.
        date_of_death: Option<NaiveDate> => (Nullable<Date>),
        /// Instant of birth, where the sender gives a time (HL7 PID-7).
        datetime_of_birth: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Instant of death (HL7 PID-29).
        datetime_of_death: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Ethnic group as text (HL7 PID-22, code replaced by its name).
        ethnicity: Option<String> => (Nullable<Varchar>),
        /// Given name (HL7 PID-5.2).
        firstname: Option<String> => (Nullable<Varchar>),
        /// Postcode of the home address (HL7 PID-11.5).
        home_postcode: Option<String> => (Nullable<Varchar>),
        /// Family name (HL7 PID-5.1).
        lastname: Option<String> => (Nullable<Varchar>),
        /// Middle names (HL7 PID-5.3).
        middlename: Option<String> => (Nullable<Varchar>),
        /// Administrative sex, code of the sender (HL7 PID-8).
        sex: Option<String> => (Nullable<Varchar>),
        /// Identifier the data came with. After a merge every identifier keeps its own row; use the live
        /// one.
        mrn_id: MrnId => (BigInt),
    }
    lookups {
        /// Demographics of an identifier.
        many DemographicByMrn: mrn_id => MrnId,
    }
}

star_table! {
    /// A patient's stay or attendance under one visit number: in-patient, emergency, day case or
    /// out-patient. Other data may create it before any admission message does.
    HospitalVisit: audited,
    known_by [encounter],
    columns {
        /// Formal admission (HL7 PV1-44 of admissions and transfers).
        admission_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// How the patient came to the hospital, in the sender's words (HL7 PV2-38).
        arrival_method: Option<String> => (Nullable<Varchar>),
        /// Formal discharge (HL7 PV1-45); null while the visit is open.
        discharge_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Where the patient went, code or text of the sender (HL7 PV1-37).
        discharge_destination: Option<String> => (Nullable<Varchar>),
        /// In what way the patient left, code or text of the sender (HL7 PV1-36).
        discharge_disposition: Option<String> => (Nullable<Varchar>),
        /// Visit number (HL7 PV1-19), also called CSN; unique.
        encounter: String => (Varchar),
        /// Kind of visit (HL7 PV1-2): `INPATIENT`, `OUTPATIENT`, `EMERGENCY`, `DAY_CASE`, `PRE_ADMIT`,
        /// `NEW_BORN`, `SURGICAL_ADMISSION` or `NOT_APPLICABLE`. Null until a patient message gives it.
        patient_class: Option<String> => (Nullable<Varchar>),
        /// First registration at the hospital (HL7 PV1-44 of registrations); may be before the admission.
        presentation_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// System that last supplied data of the visit itself.
        source_system: String => (Varchar),
        /// How urgent the admission is (HL7 PV1-4); null if not stated.
        admission_type: Option<String> => (Nullable<Varchar>),
        /// Identifier the visit was filed under. It may have been merged since: reach the patient through
        /// `mrn_to_live`.
        mrn_id: MrnId => (BigInt),
    }
    lookups {
        /// The visit with an encounter number.
        unique VisitByEncounter: encounter => String,
        /// Visits filed under an identifier.
        many VisitByMrn: mrn_id => MrnId,
    }
}
