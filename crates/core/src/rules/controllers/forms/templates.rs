//! What forms are made of: templates and questions. Forms may mention them long before they are described.

use emap_interchange::{FormMetadata, FormQuestionMetadata};
use emap_star::{
    Instant,
    rows::{FormDefinition, FormDefinitionId, FormQuestion, FormQuestionId},
};

use super::change::save_changed;
use crate::{
    assign::Assign,
    failure::{Failure, required},
    rules::repositories::forms,
    scope::{Context, Scope},
};

/// The primary key of the template that a form mentions; a new one has no name yet.
pub(crate) fn get_or_create(
    scope: &mut Scope<'_, '_>,
    source_id: Option<&str>,
) -> Result<FormDefinitionId, Failure> {
    let source_id = required(source_id, "formId")?;
    if let Some(known) = forms::template_by_source_id(scope.rows, source_id)? {
        return Ok(known.form_definition_id);
    }
    let template = scope.open(None, |id| FormDefinition::new(id, source_id.to_owned()))?;
    let form_definition_id = template.form_definition_id;
    scope.rows.save(template)?;
    Ok(form_definition_id)
}

/// The primary key of the question that an answer mentions; a new one has no name yet.
pub(super) fn get_or_create_question(
    scope: &mut Scope<'_, '_>,
    source_id: Option<&str>,
) -> Result<FormQuestionId, Failure> {
    let source_id = required(source_id, "questionId of an answer")?;
    if let Some(known) = forms::question_by_source_id(scope.rows, source_id)? {
        return Ok(known.form_question_id);
    }
    let question = scope.open(None, |id| FormQuestion::new(id, source_id.to_owned()))?;
    let form_question_id = question.form_question_id;
    scope.rows.save(question)?;
    Ok(form_question_id)
}

/// What a template is called.
#[expect(clippy::needless_pass_by_value, reason = "a context is for one message, as that of all processors")]
pub(crate) fn describe(context: Context<'_, '_>, message: &FormMetadata) -> Result<(), Failure> {
    let source_id = required(context.source.message_id, "sourceMessageId of a template")?;
    let known = forms::template_by_source_id(context.rows, source_id)?.cloned();
    let new = |id| FormDefinition::new(id, source_id.to_owned());
    save_changed(context.rows, known, since(message.valid_from), new, |template| {
        message.form_name.assign_to(&mut template.name);
        message.form_patient_friendly_name.assign_to(&mut template.patient_friendly_name);
    })
}

/// What a question asks.
#[expect(clippy::needless_pass_by_value, reason = "a context is for one message, as that of all processors")]
pub(crate) fn describe_question(
    context: Context<'_, '_>,
    message: &FormQuestionMetadata,
) -> Result<(), Failure> {
    let source_id = required(context.source.message_id, "sourceMessageId of a question")?;
    let known = forms::question_by_source_id(context.rows, source_id)?.cloned();
    let new = |id| FormQuestion::new(id, source_id.to_owned());
    save_changed(context.rows, known, since(message.valid_from), new, |question| {
        message.name.assign_to(&mut question.concept_name);
        message.abbrev_name.assign_to(&mut question.concept_abbrev_name);
        message.description.assign_to(&mut question.description);
    })
}

/// Since when a description holds.
fn since(valid_from: Option<Instant>) -> Result<Instant, Failure> {
    required(valid_from, "validFrom").map_err(Failure::undoing_the_message)
}
