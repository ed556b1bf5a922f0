//! Forms filled in by clinicians.

use chrono::{DateTime, NaiveDate, Utc};

use super::identity::{HospitalVisitId, MrnId};
use crate::star_table::star_table;

star_table! {
    /// A template for forms made of smart data elements.
    FormDefinition: audited,
    known_by [internal_id],
    columns {
        /// Identifier of the template in the source system; unique.
        internal_id: String => (Varchar),
        /// Name in the source system.
        name: Option<String> => (Nullable<Varchar>),
        /// Name shown to patients; mostly null.
        patient_friendly_name: Option<String> => (Nullable<Text>),
    }
    lookups {
        /// The template with an identifier in the source system.
        shared_unique FormDefinitionBySourceId: internal_id => String,
    }
}

star_table! {
    /// A question that forms may ask.
    FormQuestion: audited,
    known_by [internal_id],
    columns {
        /// Short name.
        concept_abbrev_name: Option<String> => (Nullable<Varchar>),
        /// Name.
        concept_name: Option<String> => (Nullable<Varchar>),
        /// What is asked.
        description: Option<String> => (Nullable<Varchar>),
        /// Identifier of the question in the source system; unique.
        internal_id: String => (Varchar),
        /// Type of its values according to the source system; no program fills it yet.
        internal_value_type: Option<String> => (Nullable<Varchar>),
    }
    lookups {
        /// The question with an identifier in the source system.
        shared_unique FormQuestionBySourceId: internal_id => String,
    }
}

star_table! {
    /// A form filled in for a visit or a patient.
    Form: audited,
    known_by [internal_id],
    columns {
        /// When it was first filed.
        first_filed_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Identifier of this filled form, composed by the reader of the source; unique.
        internal_id: String => (Varchar),
        /// Kept for the note it belongs to; no program fills it yet.
        note_id: Option<String> => (Nullable<Varchar>),
        /// The template.
        form_definition_id: Option<FormDefinitionId> => (Nullable<BigInt>),
        /// The visit.
        hospital_visit_id: Option<HospitalVisitId> => (Nullable<BigInt>),
        /// Kept for forms of a patient without a visit; no program fills it yet.
        mrn_id: Option<MrnId> => (Nullable<BigInt>),
    }
    lookups {
        /// The form with an identifier of the reader.
        shared_unique FormBySourceId: internal_id => String,
        /// Forms filled in for a visit.
        many FormByVisit: hospital_visit_id => HospitalVisitId,
        /// Forms filled in for a patient without a visit.
        many FormByMrn: mrn_id => MrnId,
    }
}

star_table! {
    /// One answer in a form.
    FormAnswer: audited,
    known_by [internal_id],
    columns {
        /// Kept for what the answer belongs to, such as a note; no program fills it yet.
        context: Option<String> => (Nullable<Varchar>),
        /// When the answer was filed or last changed.
        filed_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Identifier of the answer, composed by the reader of the source; unique.
        internal_id: String => (Varchar),
        /// The value if it is yes or no.
        value_as_boolean: Option<bool> => (Nullable<Bool>),
        /// The value if it is a date.
        value_as_date: Option<NaiveDate> => (Nullable<Date>),
        /// The value if it is a point in time.
        value_as_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// The value if it is a number.
        value_as_number: Option<f64> => (Nullable<Double>),
        /// The value as text, whatever its type; lines are joined.
        value_as_text: Option<String> => (Nullable<Text>),
        /// The form.
        form_id: FormId => (BigInt),
        /// The question.
        form_question_id: FormQuestionId => (BigInt),
    }
    lookups {
        /// The answer with an identifier of the reader.
        unique FormAnswerBySourceId: internal_id => String,
        /// Answers in a form.
        many FormAnswerByForm: form_id => FormId,
    }
}
