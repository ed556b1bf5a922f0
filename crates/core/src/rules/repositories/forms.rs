//! Forms that clinicians filled in, their templates, questions and answers.

use emap_interchange::Form as Message;
use emap_star::{
    SessionError, UnitOfWork,
    rows::{
        Form, FormAnswer, FormAnswerByForm, FormAnswerBySourceId, FormByMrn, FormBySourceId, FormDefinition,
        FormDefinitionBySourceId, FormId, FormQuestion, FormQuestionBySourceId, FormQuestionId,
        HospitalVisitId, MrnId,
    },
};

use super::{identity, in_memory::ids_under, visits};

/// A question as one form asks it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QuestionInForm {
    pub(crate) form_id: FormId,
    pub(crate) form_question_id: FormQuestionId,
}

/// The form with an identifier in its source.
pub(crate) fn by_source_id<'s>(work: &'s mut UnitOfWork, id: &str) -> Result<Option<&'s Form>, SessionError> {
    work.find_one::<FormBySourceId>(&id.to_owned())
}

/// Forms of a patient's identifier rather than of a visit.
pub(crate) fn of_mrn(work: &mut UnitOfWork, mrn_id: MrnId) -> Result<Vec<&Form>, SessionError> {
    work.find::<FormByMrn>(&mrn_id)
}

/// The template with an identifier in its source.
pub(crate) fn template_by_source_id<'s>(
    work: &'s mut UnitOfWork,
    id: &str,
) -> Result<Option<&'s FormDefinition>, SessionError> {
    work.find_one::<FormDefinitionBySourceId>(&id.to_owned())
}

/// The question with an identifier in its source.
pub(crate) fn question_by_source_id<'s>(
    work: &'s mut UnitOfWork,
    id: &str,
) -> Result<Option<&'s FormQuestion>, SessionError> {
    work.find_one::<FormQuestionBySourceId>(&id.to_owned())
}

/// All answers in a form.
pub(crate) fn answers(work: &mut UnitOfWork, form_id: FormId) -> Result<Vec<&FormAnswer>, SessionError> {
    work.children::<Form, FormAnswerByForm>(form_id)
}

/// The answers to one question of a form.
pub(crate) fn answers_to(
    work: &mut UnitOfWork,
    place: QuestionInForm,
) -> Result<Vec<&FormAnswer>, SessionError> {
    let mut answers = answers(work, place.form_id)?;
    answers.retain(|answer| answer.form_question_id == place.form_question_id);
    Ok(answers)
}

/// The answer with an identifier in its source, in whatever form.
pub(crate) fn answer_by_source_id<'s>(
    work: &'s mut UnitOfWork,
    id: &str,
) -> Result<Option<&'s FormAnswer>, SessionError> {
    work.find_one::<FormAnswerBySourceId>(&id.to_owned())
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
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<FormDefinitionBySourceId>(self.templates.iter().cloned())?;
        work.prefetch::<FormQuestionBySourceId>(self.questions.iter().cloned())?;
        work.prefetch::<FormBySourceId>(self.forms.iter().cloned())?;
        work.prefetch::<FormAnswerBySourceId>(self.answers.iter().cloned())?;
        work.prefetch::<FormAnswerByForm>(ids_under::<FormBySourceId>(work, &self.forms))?;
        visits::read_by_ids(work, self.visits(work))?;
        identity::read_leads(work, self.patients(work))
    }

    /// Numbers of the visits for which the forms are on record. Messages may name others.
    pub(crate) fn encounters(&self, work: &UnitOfWork) -> Vec<String> {
        visits::encounters_of(work, self.visits(work))
    }

    /// Patients of whom the forms are on record, without a visit.
    pub(crate) fn patients(&self, work: &UnitOfWork) -> Vec<MrnId> {
        self.known(work).filter_map(|form| form.mrn_id).collect()
    }

    fn visits(&self, work: &UnitOfWork) -> Vec<HospitalVisitId> {
        self.known(work).filter_map(|form| form.hospital_visit_id).collect()
    }

    fn known<'w>(&'w self, work: &'w UnitOfWork) -> impl Iterator<Item = &'w Form> {
        self.forms.iter().flat_map(|id| work.in_memory_rows::<FormBySourceId>(id))
    }
}
