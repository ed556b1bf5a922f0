//! What forms are made of: templates and questions. Forms may mention them long before they are described.

use emap_interchange::{FormMetadata, FormQuestionMetadata};
use emap_star::{
    Instant, Session,
    rows::{FormDefinition, FormQuestion},
};

use super::{super::opened::opened, save_changed};
use crate::{
    assign::Assign,
    outcome::ProcessingError,
    repositories::{form_definitions, form_questions},
};

/// The template that a form mentions, got or created without a name.
pub(crate) fn mentioned(
    session: &mut Session,
    source_id: Option<&str>,
    since: Instant,
) -> Result<i64, ProcessingError> {
    let source_id = source_id.ok_or(ProcessingError::Invalid("the form has no formId"))?;
    let known = form_definitions::by_source_id(session, source_id)?.cloned();
    let template =
        opened(session, known, since, |id, stored_from| unnamed(id, source_id, stored_from, since))?;
    let form_definition_id = template.form_definition_id;
    session.save(template)?;
    Ok(form_definition_id)
}

/// The question that an answer mentions, got or created without a name.
pub(super) fn question(
    session: &mut Session,
    source_id: Option<&str>,
    since: Instant,
) -> Result<i64, ProcessingError> {
    let source_id = source_id.ok_or(ProcessingError::Invalid("an answer has no questionId"))?;
    let known = form_questions::by_source_id(session, source_id)?.cloned();
    let question =
        opened(session, known, since, |id, stored_from| unnamed_question(id, source_id, stored_from, since))?;
    let form_question_id = question.form_question_id;
    session.save(question)?;
    Ok(form_question_id)
}

/// What a template is called.
pub(crate) fn describe(
    session: &mut Session,
    source_id: Option<&str>,
    message: &FormMetadata,
) -> Result<(), ProcessingError> {
    let source_id =
        source_id.ok_or(ProcessingError::Invalid("the description of a form has no sourceMessageId"))?;
    let known = form_definitions::by_source_id(session, source_id)?.cloned();
    let new = |id, stored_from, since| unnamed(id, source_id, stored_from, since);
    save_changed(session, known, message.valid_from, new, |template| {
        message.form_name.assign_to(&mut template.name);
        message.form_patient_friendly_name.assign_to(&mut template.patient_friendly_name);
    })
}

/// What a question asks.
pub(crate) fn describe_question(
    session: &mut Session,
    source_id: Option<&str>,
    message: &FormQuestionMetadata,
) -> Result<(), ProcessingError> {
    let source_id =
        source_id.ok_or(ProcessingError::Invalid("the description of a question has no sourceMessageId"))?;
    let known = form_questions::by_source_id(session, source_id)?.cloned();
    let new = |id, stored_from, since| unnamed_question(id, source_id, stored_from, since);
    save_changed(session, known, message.valid_from, new, |question| {
        message.name.assign_to(&mut question.concept_name);
        message.abbrev_name.assign_to(&mut question.concept_abbrev_name);
        message.description.assign_to(&mut question.description);
    })
}

fn unnamed(id: i64, source_id: &str, stored_from: Instant, valid_from: Instant) -> FormDefinition {
    FormDefinition {
        form_definition_id: id,
        stored_from,
        valid_from,
        internal_id: source_id.to_owned(),
        name: None,
        patient_friendly_name: None,
    }
}

fn unnamed_question(id: i64, source_id: &str, stored_from: Instant, valid_from: Instant) -> FormQuestion {
    FormQuestion {
        form_question_id: id,
        stored_from,
        valid_from,
        concept_abbrev_name: None,
        concept_name: None,
        description: None,
        internal_id: source_id.to_owned(),
        internal_value_type: None,
    }
}
