//! Answers to questions.

use emap_star::{
    Session, SessionError,
    rows::{AdvanceDecision, AnswerByParent, ConsultationRequest, LabSample, RequestAnswer},
};

use super::only::only;

/// What an answer was given with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parent {
    LabSample(i64),
    Consultation(i64),
    AdvanceDecision(i64),
}

impl Parent {
    /// Primary key.
    pub(crate) fn id(self) -> i64 {
        match self {
            Self::LabSample(id) | Self::Consultation(id) | Self::AdvanceDecision(id) => id,
        }
    }

    /// How answers call the table.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::LabSample(_) => "LAB_SAMPLE",
            Self::Consultation(_) => "CONSULT_REQUEST",
            Self::AdvanceDecision(_) => "ADVANCE_DECISION",
        }
    }
}

/// The answer to a question.
pub(crate) fn to_question(
    session: &mut Session,
    parent: Parent,
    question_id: i64,
) -> Result<Option<&RequestAnswer>, SessionError> {
    let answers = match parent {
        Parent::LabSample(id) => session.children::<LabSample, AnswerByParent>(id)?,
        Parent::Consultation(id) => session.children::<ConsultationRequest, AnswerByParent>(id)?,
        Parent::AdvanceDecision(id) => session.children::<AdvanceDecision, AnswerByParent>(id)?,
    };
    only(
        answers
            .into_iter()
            .filter(|answer| answer.question_id == question_id && answer.parent_table == parent.table()),
    )
}
