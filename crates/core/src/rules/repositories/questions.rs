//! Questions that are asked with laboratory orders, consults and advance decisions, and their answers.

use emap_interchange::{AdvanceDecision as DecisionMessage, ConsultRequest, LabOrder, Questions};
use emap_star::{
    SessionError, UnitOfWork,
    rows::{
        AdvanceDecision, AdvanceDecisionId, AnswerByParent, ConsultationRequest, ConsultationRequestId,
        LabSample, LabSampleId, Question, QuestionByText, QuestionId, RequestAnswer,
    },
};

use super::{
    advance_decisions,
    at_most_one::at_most_one,
    consults,
    labs::{self, Specimen},
};

/// What questions were asked with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parent {
    LabSample(LabSampleId),
    Consult(ConsultationRequestId),
    AdvanceDecision(AdvanceDecisionId),
}

impl Parent {
    /// Primary key.
    pub(crate) fn id(self) -> i64 {
        match self {
            Self::LabSample(id) => id.into(),
            Self::Consult(id) => id.into(),
            Self::AdvanceDecision(id) => id.into(),
        }
    }

    /// How answers call the table.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::LabSample(_) => "LAB_SAMPLE",
            Self::Consult(_) => "CONSULT_REQUEST",
            Self::AdvanceDecision(_) => "ADVANCE_DECISION",
        }
    }
}

/// The question with exactly this text.
pub(crate) fn by_text<'s>(
    work: &'s mut UnitOfWork,
    text: &str,
) -> Result<Option<&'s Question>, SessionError> {
    work.find_one::<QuestionByText>(&text.to_owned())
}

/// The answer to a question.
pub(crate) fn answer(
    work: &mut UnitOfWork,
    parent: Parent,
    question_id: QuestionId,
) -> Result<Option<&RequestAnswer>, SessionError> {
    let answers = match parent {
        Parent::LabSample(id) => work.children::<LabSample, AnswerByParent>(id)?,
        Parent::Consult(id) => work.children::<ConsultationRequest, AnswerByParent>(id)?,
        Parent::AdvanceDecision(id) => work.children::<AdvanceDecision, AnswerByParent>(id)?,
    };
    let of_parent = answers.into_iter().filter(|answer| answer.parent_table == parent.table());
    Ok(at_most_one(of_parent.filter(|answer| answer.question_id == question_id)))
}

/// Texts of questions, and what they are asked with.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    texts: Vec<String>,
    specimens: Vec<Specimen>,
    consults: Vec<i64>,
    decisions: Vec<i64>,
}

impl Announced {
    pub(crate) fn add_lab_order(&mut self, message: &LabOrder) {
        if self.add_texts(&message.questions) {
            self.specimens.extend(Specimen::of(message));
        }
    }

    pub(crate) fn add_consult(&mut self, message: &ConsultRequest) {
        if self.add_texts(&message.questions) {
            self.consults.extend(message.epic_consult_id);
        }
    }

    pub(crate) fn add_advance_decision(&mut self, message: &DecisionMessage) {
        if self.add_texts(&message.questions) {
            self.decisions.extend(message.advance_decision_number);
        }
    }

    /// Gives whether there are any.
    fn add_texts(&mut self, questions: &Questions) -> bool {
        self.texts.extend(questions.keys().cloned());
        !questions.is_empty()
    }

    /// The questions, and all answers given with the samples, consults and decisions, which are known already.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<QuestionByText>(self.texts.iter().cloned())?;
        let mut parents = Vec::new();
        for specimen in &self.specimens {
            parents.extend(labs::samples_in_memory(work, specimen).into_iter().map(i64::from));
        }
        for number in &self.consults {
            parents.extend(consults::in_memory(work, *number).into_iter().map(i64::from));
        }
        for number in &self.decisions {
            parents.extend(advance_decisions::in_memory(work, *number).into_iter().map(i64::from));
        }
        work.prefetch::<AnswerByParent>(parents)
    }
}
