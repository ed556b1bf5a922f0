//! Forms that clinicians filled in, and what their templates and questions are. No time of theirs is compared: of two
//! messages the one processed last counts.

use emap_interchange::{Form, FormMetadata, FormQuestionMetadata};
use emap_star::Session;

use super::patient;
use crate::{
    controllers::forms::{self, answers, templates},
    outcome::ProcessingError,
    source::Source,
};

/// Patient, visit, template, form, then the answers, which bring questions that nobody has described yet.
pub(crate) fn process(
    session: &mut Session,
    source: Source<'_>,
    message: &Form,
) -> Result<(), ProcessingError> {
    let first_filed = message
        .first_filed_date_time
        .ok_or(ProcessingError::Invalid("the form has no firstFiledDatetime"))?;
    let (mrn, visit_number) = (message.mrn.as_deref(), message.visit_number.as_deref());
    let visit = patient::visit(session, source, mrn, visit_number, first_filed)?;
    let template = templates::mentioned(session, message.form_id.as_deref(), first_filed)?;
    let form = forms::filled_in(session, visit, template, message.form_instance_id.as_deref(), first_filed)?;
    answers::update(session, form, &message.answers, first_filed)
}

/// What a template is called. Its identifier is that of the message.
pub(crate) fn process_metadata(
    session: &mut Session,
    source: Source<'_>,
    message: &FormMetadata,
) -> Result<(), ProcessingError> {
    templates::describe(session, source.message_id, message)
}

/// What a question asks. Its identifier is that of the message.
pub(crate) fn process_question_metadata(
    session: &mut Session,
    source: Source<'_>,
    message: &FormQuestionMetadata,
) -> Result<(), ProcessingError> {
    templates::describe_question(session, source.message_id, message)
}
