//! Answers in forms. An answer belongs to its question: whatever identifier it comes with next time, it is the same.

use emap_interchange::{FormAnswer as Message, InterchangeValue};
use emap_star::rows::{FormAnswer, FormAnswerId, FormId};

use super::{change::save_changed, templates};
use crate::{
    failure::{Cause, Failure, required},
    rules::repositories::forms::{self, QuestionInForm},
    scope::Scope,
};

/// Notes the answers of a message. Those it does not repeat stay. Questions that no form asked before are known since
/// the form was first filed.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    form_id: FormId,
    messages: &[Message],
) -> Result<(), Failure> {
    let earlier: Vec<FormAnswerId> =
        forms::answers(scope.rows, form_id)?.into_iter().map(|row| row.form_answer_id).collect();
    for message in messages {
        let form_question_id = templates::get_or_create_question(scope, message.question_id.as_deref())?;
        let place = QuestionInForm { form_id, form_question_id };
        let known = known(scope, place, message.source_message_id.as_deref(), &earlier)?;
        note(scope, place, known, message)?;
    }
    Ok(())
}

/// The answer to a question, if there is one: that with this identifier, else the one the form had before the message.
/// A question that a message asks twice for the first time has two answers.
fn known(
    scope: &mut Scope<'_, '_>,
    place: QuestionInForm,
    source_id: Option<&str>,
    earlier: &[FormAnswerId],
) -> Result<Option<FormAnswer>, Failure> {
    let answers = forms::answers_to(scope.rows, place)?;
    if let Some(same) = answers.iter().find(|row| Some(row.internal_id.as_str()) == source_id) {
        return Ok(Some((*same).clone()));
    }
    let mut answers = answers.into_iter().filter(|row| earlier.contains(&row.form_answer_id));
    let first = answers.next().cloned();
    if answers.next().is_some() {
        return Err(Cause::Invalid("the question has several answers, none with the id of this one").into());
    }
    Ok(first)
}

fn note(
    scope: &mut Scope<'_, '_>,
    place: QuestionInForm,
    known: Option<FormAnswer>,
    message: &Message,
) -> Result<(), Failure> {
    let source_id = match &known {
        Some(known) => known.internal_id.clone(),
        None => unused_id(scope, message.source_message_id.as_deref())?,
    };
    let new = |id| FormAnswer {
        filed_datetime: message.filed_date_time,
        ..FormAnswer::new(id, source_id, place.form_id, place.form_question_id)
    };
    let filed_at = required(message.filed_date_time, "filedDatetime of a changed answer");
    save_changed(scope.rows, known, filed_at, new, |answer| {
        let before = answer.clone();
        replace(&message.string_value, &mut answer.value_as_text);
        replace(&message.boolean_value, &mut answer.value_as_boolean);
        replace(&message.date_value, &mut answer.value_as_date);
        replace(&message.utc_date_time_value, &mut answer.value_as_datetime);
        replace(&message.numeric_value, &mut answer.value_as_number);
        // A note is filed anew with every export: without a new value that means nothing.
        if *answer != before && message.filed_date_time > answer.filed_datetime {
            answer.filed_datetime = message.filed_date_time;
        }
    })
}

/// A value replaces the stored one. There is no way to clear a value.
fn replace<T: Clone>(value: &InterchangeValue<T>, column: &mut Option<T>) {
    if let Some(value) = value.saved() {
        *column = Some(value.clone());
    }
}

/// The identifier of a new answer, which no other answer may have.
fn unused_id(scope: &mut Scope<'_, '_>, source_id: Option<&str>) -> Result<String, Failure> {
    let source_id = required(source_id, "sourceMessageId of an answer")?;
    if forms::answer_by_source_id(scope.rows, source_id)?.is_some() {
        return Err(Cause::Invalid("the id of an answer belongs to another question or form").into());
    }
    Ok(source_id.to_owned())
}
