//! Forms that clinicians filled in, their templates, questions and answers.

use emap_interchange::Form as Message;
use emap_star::{
    Session, SessionError,
    rows::{
        Form, FormAnswer, FormAnswerByForm, FormAnswerBySourceId, FormByMrn, FormBySourceId, FormDefinition,
        FormDefinitionBySourceId, FormQuestion, FormQuestionBySourceId,
    },
};

use super::in_memory::ids_under;

/// A question as one form asks it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QuestionInForm {
    pub(crate) form_id: i64,
    pub(crate) form_question_id: i64,
}

/// The form with an identifier in its source.
pub(crate) fn by_source_id<'s>(session: &'s mut Session, id: &str) -> Result<Option<&'s Form>, SessionError> {
    session.find_one::<FormBySourceId>(&id.to_owned())
}

/// Forms of a patient's identifier rather than of a visit.
pub(crate) fn of_mrn(session: &mut Session, mrn_id: i64) -> Result<Vec<&Form>, SessionError> {
    session.find::<FormByMrn>(&mrn_id)
}

/// The template with an identifier in its source.
pub(crate) fn template_by_source_id<'s>(
    session: &'s mut Session,
    id: &str,
) -> Result<Option<&'s FormDefinition>, SessionError> {
    session.find_one::<FormDefinitionBySourceId>(&id.to_owned())
}

/// The question with an identifier in its source.
pub(crate) fn question_by_source_id<'s>(
    session: &'s mut Session,
    id: &str,
) -> Result<Option<&'s FormQuestion>, SessionError> {
    session.find_one::<FormQuestionBySourceId>(&id.to_owned())
}

/// All answers in a form.
pub(crate) fn answers(session: &mut Session, form_id: i64) -> Result<Vec<&FormAnswer>, SessionError> {
    session.children::<Form, FormAnswerByForm>(form_id)
}

/// The answers to one question of a form.
pub(crate) fn answers_to(
    session: &mut Session,
    place: QuestionInForm,
) -> Result<Vec<&FormAnswer>, SessionError> {
    let mut answers = answers(session, place.form_id)?;
    answers.retain(|answer| answer.form_question_id == place.form_question_id);
    Ok(answers)
}

/// The answer with an identifier in its source, in whatever form.
pub(crate) fn answer_by_source_id<'s>(
    session: &'s mut Session,
    id: &str,
) -> Result<Option<&'s FormAnswer>, SessionError> {
    session.find_one::<FormAnswerBySourceId>(&id.to_owned())
}

/// Identifiers that messages name.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    templates: Vec<String>,
    questions: Vec<String>,
    forms: Vec<String>,
    answers: Vec<String>,
}

impl Announced {
    pub(crate) fn add(&mut self, message: &Message) {
        self.templates.extend(message.form_id.clone());
        self.forms.extend(message.form_instance_id.clone());
        for answer in &message.answers {
            self.questions.extend(answer.question_id.clone());
            self.answers.extend(answer.source_message_id.clone());
        }
    }

    /// A template is described; its identifier is that of the message.
    pub(crate) fn add_template(&mut self, source_id: Option<&String>) {
        self.templates.extend(source_id.cloned());
    }

    /// A question is described; its identifier is that of the message.
    pub(crate) fn add_question(&mut self, source_id: Option<&String>) {
        self.questions.extend(source_id.cloned());
    }

    /// Templates, questions, forms, and all answers in these and with these identifiers.
    pub(crate) fn read(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<FormDefinitionBySourceId>(self.templates.iter().cloned())?;
        session.prefetch::<FormQuestionBySourceId>(self.questions.iter().cloned())?;
        session.prefetch::<FormBySourceId>(self.forms.iter().cloned())?;
        session.prefetch::<FormAnswerBySourceId>(self.answers.iter().cloned())?;
        session.prefetch::<FormAnswerByForm>(ids_under::<FormBySourceId>(session, &self.forms))
    }
}
