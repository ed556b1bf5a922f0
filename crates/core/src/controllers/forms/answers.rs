//! Answers in forms. An answer belongs to its question: whatever identifier it comes with next time, it is the same.

use emap_interchange::{FormAnswer as Message, InterchangeValue};
use emap_star::{Instant, Session, rows::FormAnswer};

use super::{save_changed, templates};
use crate::{
    outcome::ProcessingError,
    repositories::form_answers::{self, QuestionInForm},
};

/// Notes the answers of a message. Those it does not repeat stay. `first_filed`: since when questions are known that
/// nobody asked before.
pub(crate) fn update(
    session: &mut Session,
    form_id: i64,
    messages: &[Message],
    first_filed: Instant,
) -> Result<(), ProcessingError> {
    let earlier: Vec<i64> =
        form_answers::of_form(session, form_id)?.into_iter().map(|row| row.form_answer_id).collect();
    for message in messages {
        let form_question_id = templates::question(session, message.question_id.as_deref(), first_filed)?;
        let place = QuestionInForm { form_id, form_question_id };
        let known = known(session, place, message.source_message_id.as_deref(), &earlier)?;
        note(session, place, known, message)?;
    }
    Ok(())
}

/// The answer to a question, if there is one: that with this identifier, else the one the form had before the message.
/// A question that a message asks twice for the first time has two answers.
fn known(
    session: &mut Session,
    place: QuestionInForm,
    source_id: Option<&str>,
    earlier: &[i64],
) -> Result<Option<FormAnswer>, ProcessingError> {
    let answers = form_answers::to_question(session, place)?;
    if let Some(same) = answers.iter().find(|row| Some(row.internal_id.as_str()) == source_id) {
        return Ok(Some((*same).clone()));
    }
    let mut answers = answers.into_iter().filter(|row| earlier.contains(&row.form_answer_id));
    let first = answers.next().cloned();
    if answers.next().is_some() {
        return Err(ProcessingError::Invalid(
            "the question has several answers, none with the id of this one",
        ));
    }
    Ok(first)
}

fn note(
    session: &mut Session,
    place: QuestionInForm,
    known: Option<FormAnswer>,
    message: &Message,
) -> Result<(), ProcessingError> {
    let source_id = match &known {
        Some(known) => known.internal_id.clone(),
        None => unused_id(session, message.source_message_id.as_deref())?,
    };
    let new = |id, stored_from, valid_from| FormAnswer {
        form_answer_id: id,
        stored_from,
        valid_from,
        context: None,
        filed_datetime: None,
        internal_id: source_id,
        value_as_boolean: None,
        value_as_date: None,
        value_as_datetime: None,
        value_as_number: None,
        value_as_text: None,
        form_id: place.form_id,
        form_question_id: place.form_question_id,
    };
    save_changed(session, known, message.filed_date_time, new, |answer| {
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
fn unused_id(session: &mut Session, source_id: Option<&str>) -> Result<String, ProcessingError> {
    let source_id = source_id.ok_or(ProcessingError::Invalid("an answer has no sourceMessageId"))?;
    if form_answers::by_source_id(session, source_id)?.is_some() {
        return Err(ProcessingError::Invalid("the id of an answer belongs to another question or form"));
    }
    Ok(source_id.to_owned())
}
