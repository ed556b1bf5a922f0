//! Forms that clinicians filled in, and what their templates and questions are. No time of theirs is compared: of two
//! messages the one processed last counts.

use emap_interchange::{Form, FormMetadata, FormQuestionMetadata};

use super::patient;
use crate::{
    failure::{Failure, required},
    rules::controllers::forms::{answers, instances, templates},
    scope::Context,
};

/// Patient, visit, template, form, then the answers, which bring questions that no message has described yet.
pub(crate) fn process(context: Context<'_, '_>, message: &Form) -> Result<(), Failure> {
    let first_filed = required(message.first_filed_date_time, "firstFiledDatetime");
    let mut scope = context.at(first_filed.map_err(Failure::undoing_the_message)?);
    let visit = patient::visit(&mut scope, message.mrn.as_deref(), message.visit_number.as_deref())?;
    let template = templates::get_or_create(&mut scope, message.form_id.as_deref())?;
    let form = instances::get_or_create(&mut scope, visit, template, message.form_instance_id.as_deref())?;
    answers::update(&mut scope, form, &message.answers)
}

/// What a template is called. Its identifier is that of the message.
pub(crate) fn process_metadata(context: Context<'_, '_>, message: &FormMetadata) -> Result<(), Failure> {
    templates::describe(context, message)
}

/// What a question asks. Its identifier is that of the message.
pub(crate) fn process_question_metadata(
    context: Context<'_, '_>,
    message: &FormQuestionMetadata,
) -> Result<(), Failure> {
    templates::describe_question(context, message)
}
