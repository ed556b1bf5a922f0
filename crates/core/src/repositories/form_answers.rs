//! Answers in forms.

use emap_star::{
    Session, SessionError,
    rows::{Form, FormAnswer, FormAnswerByForm, FormAnswerBySourceId},
};

/// A question as one form asks it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QuestionInForm {
    pub(crate) form_id: i64,
    pub(crate) form_question_id: i64,
}

/// All answers in a form.
pub(crate) fn of_form(session: &mut Session, form_id: i64) -> Result<Vec<&FormAnswer>, SessionError> {
    session.children::<Form, FormAnswerByForm>(form_id)
}

/// The answers to one question of a form.
pub(crate) fn to_question(
    session: &mut Session,
    place: QuestionInForm,
) -> Result<Vec<&FormAnswer>, SessionError> {
    let mut answers = of_form(session, place.form_id)?;
    answers.retain(|answer| answer.form_question_id == place.form_question_id);
    Ok(answers)
}

/// The answer with an identifier in its source, in whatever form.
pub(crate) fn by_source_id<'s>(
    session: &'s mut Session,
    id: &str,
) -> Result<Option<&'s FormAnswer>, SessionError> {
    session.find_one::<FormAnswerBySourceId>(&id.to_owned())
}
