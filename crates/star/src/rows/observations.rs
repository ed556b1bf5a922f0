//! Flowsheet observations.

use chrono::{DateTime, NaiveDate, Utc};

use super::identity::HospitalVisitId;
use crate::star_table::star_table;

star_table! {
    /// A kind of observation: what one row of a flowsheet stands for.
    VisitObservationType: audited,
    known_by [source_observation_type, interface_id, id_in_application],
    deleted last,
    columns {
        /// When the kind was set up in the source system.
        creation_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// What it is about.
        description: Option<String> => (Nullable<Varchar>),
        /// Name that clinicians see.
        display_name: Option<String> => (Nullable<Varchar>),
        /// True once a value of this kind has been stored.
        has_visit_observation: Option<bool> => (Nullable<Bool>),
        /// Identifier in the source system's own database; null if known from HL7 only.
        id_in_application: Option<String> => (Nullable<Varchar>),
        /// Identifier in HL7 messages (HL7 OBX-3); null if known from the warehouse only.
        interface_id: Option<String> => (Nullable<Varchar>),
        /// True once a value has come through the live HL7 feed.
        is_real_time: Option<bool> => (Nullable<Bool>),
        /// Name in the source system.
        name: Option<String> => (Nullable<Varchar>),
        /// Type of its values according to the source system.
        primary_data_type: Option<String> => (Nullable<Varchar>),
        /// Family of observations the identifiers belong to, for example `flowsheet`.
        source_observation_type: String => (Varchar),
        /// Kept for a code of a standard vocabulary; no program fills it yet.
        standardised_code: Option<String> => (Nullable<Varchar>),
        /// Kept for the name of that vocabulary; no program fills it yet.
        standardised_vocabulary: Option<String> => (Nullable<Varchar>),
    }
    lookups {
        /// Kinds of observation with an identifier in HL7.
        shared_many ObservationTypeByInterfaceId: interface_id => String,
        /// Kinds of observation with an identifier in the source system.
        shared_many ObservationTypeByApplicationId: id_in_application => String,
    }
}

star_table! {
    /// One observed value: of one kind, at one time, during one visit.
    VisitObservation: audited,
    known_by [hospital_visit_id, visit_observation_type_id, observation_datetime],
    columns {
        /// Comment of the clinician.
        comment: Option<String> => (Nullable<Text>),
        /// When the patient was observed.
        observation_datetime: DateTime<Utc> => (Timestamptz),
        /// System the value came from.
        source_system: String => (Varchar),
        /// Unit of `value_as_real` in the sender's spelling, never converted; null if none.
        unit: Option<String> => (Nullable<Varchar>),
        /// The value if it is a date.
        value_as_date: Option<NaiveDate> => (Nullable<Date>),
        /// The value if it is a number, in `unit`.
        value_as_real: Option<f64> => (Nullable<Double>),
        /// The value if it is text.
        value_as_text: Option<String> => (Nullable<Text>),
        /// The visit.
        hospital_visit_id: HospitalVisitId => (BigInt),
        /// What was observed.
        visit_observation_type_id: VisitObservationTypeId => (BigInt),
    }
    lookups {
        /// Observed values of a visit.
        many ObservationByVisit: hospital_visit_id => HospitalVisitId,
        /// Observed values of a kind.
        many ObservationByType: visit_observation_type_id => VisitObservationTypeId,
        /// What was observed of a kind, during a visit, at a time.
        unique ObservationByKey: ObservationKey {
            hospital_visit_id: HospitalVisitId,
            visit_observation_type_id: VisitObservationTypeId,
            observation_datetime: DateTime<Utc>,
        },
    }
}
