//! Forms and what their questions are.

use emap_interchange::{Form, FormAnswer, FormMetadata, FormQuestionMetadata};
use proptest::{collection::vec, prelude::*};

use super::{
    record::record,
    value::{date, maybe_instant, maybe_text, wrapped, wrapped_instant, wrapped_number, wrapped_text},
};

pub(crate) fn form() -> BoxedStrategy<Form> {
    record!(Form {
        form_id: maybe_text(),
        form_instance_id: maybe_text(),
        first_filed_date_time: maybe_instant(),
        visit_number: maybe_text(),
        mrn: maybe_text(),
        answers: vec(answer(), 0..4),
    })
}

fn answer() -> BoxedStrategy<FormAnswer> {
    record!(FormAnswer {
        source_message_id: maybe_text(),
        question_id: maybe_text(),
        context: maybe_text(),
        filed_date_time: maybe_instant(),
        numeric_value: wrapped_number(),
        string_value: wrapped_text(),
        utc_date_time_value: wrapped_instant(),
        date_value: wrapped(date()),
        boolean_value: wrapped(any::<bool>().boxed()),
    })
}

pub(crate) fn metadata() -> BoxedStrategy<FormMetadata> {
    record!(FormMetadata {
        form_name: maybe_text(),
        form_patient_friendly_name: maybe_text(),
        valid_from: maybe_instant(),
    })
}

pub(crate) fn question_metadata() -> BoxedStrategy<FormQuestionMetadata> {
    record!(FormQuestionMetadata {
        name: maybe_text(),
        abbrev_name: maybe_text(),
        description: maybe_text(),
        valid_from: maybe_instant(),
    })
}
