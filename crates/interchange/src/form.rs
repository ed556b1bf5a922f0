//! Forms that clinicians fill in, and what their questions are.

use chrono::NaiveDate;

use crate::{types::Instant, value::InterchangeValue, wire::declare::record};

record! {
    /// A filled-in form, or a change to one.
    pub struct Form as "form.FormMsg" {
        /// Id of the kind of form.
        form_id = "formId": Option<String>,
        /// Id of this filled-in form, the same on every change.
        form_instance_id = "formInstanceId": Option<String>,
        /// When it was first filed.
        first_filed_date_time = "firstFiledDatetime": Option<Instant>,
        /// Number of the visit.
        visit_number = "visitNumber": Option<String>,
        /// Hospital number of the patient.
        mrn = "mrn": Option<String>,
        /// The answers of this message.
        answers = "formAnswerMsgs": Vec<FormAnswer>,
    }
}

record! {
    /// An answer on a form.
    pub struct FormAnswer as "form.FormAnswerMsg" {
        /// Id of the answer at its source.
        source_message_id = "sourceMessageId": Option<String>,
        /// Id of the question.
        question_id = "questionId": Option<String>,
        /// What the answer belongs to.
        context = "context": Option<String>,
        /// When this answer was filed; later than the form's own time if it was changed.
        filed_date_time = "filedDatetime": Option<Instant>,
        /// The answer, if a number.
        numeric_value = "numericValue": InterchangeValue<f64>,
        /// The answer, if text.
        string_value = "stringValue": InterchangeValue<String>,
        /// The answer, if a point in time.
        utc_date_time_value = "utcDatetimeValue": InterchangeValue<Instant>,
        /// The answer, if a date.
        date_value = "dateValue": InterchangeValue<NaiveDate>,
        /// The answer, if yes or no.
        boolean_value = "booleanValue": InterchangeValue<bool>,
    }
}

record! {
    /// What a kind of form is called. Its id travels as the source id of the message.
    pub struct FormMetadata as "form.FormMetadataMsg" {
        /// Its name.
        form_name = "formName": Option<String>,
        /// Its name for patients.
        form_patient_friendly_name = "formPatientFriendlyName": Option<String>,
        /// Since when.
        valid_from = "validFrom": Option<Instant>,
    }
}

record! {
    /// What a question of forms is. Its id travels as the source id of the message.
    pub struct FormQuestionMetadata as "form.FormQuestionMetadataMsg" {
        /// Its name.
        name = "name": Option<String>,
        /// A shorter name.
        abbrev_name = "abbrevName": Option<String>,
        /// What is asked.
        description = "description": Option<String>,
        /// Since when.
        valid_from = "validFrom": Option<Instant>,
    }
}
