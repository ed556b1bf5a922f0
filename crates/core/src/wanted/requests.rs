//! Requests for consultations, advance decisions, and the questions asked with them.

use emap_interchange::{AdvanceDecision, ConsultMetadata, ConsultRequest, Questions};
use emap_star::{
    Session, SessionError,
    rows::{
        AdvanceDecisionByNumber, AdvanceDecisionTypeByCode, AnswerByParent, ConsultationByNumber,
        ConsultationTypeByCode, QuestionByText,
    },
};

use super::{collect, ids};

/// Codes and numbers of requests and decisions, and texts of questions.
#[derive(Debug, Default)]
pub(super) struct Requests {
    consultation_types: Vec<String>,
    consultations: Vec<i64>,
    decision_types: Vec<String>,
    decisions: Vec<i64>,
    questions: Vec<String>,
}

impl Requests {
    pub(super) fn announce_consultation(&mut self, message: &ConsultRequest) {
        self.consultation_types.extend(message.consultation_type.clone());
        self.consultations.extend(message.epic_consult_id);
        self.announce_questions(&message.questions);
    }

    pub(super) fn announce_consultation_type(&mut self, message: &ConsultMetadata) {
        self.consultation_types.extend(message.code.clone());
    }

    pub(super) fn announce_decision(&mut self, message: &AdvanceDecision) {
        self.decision_types.extend(message.advance_care_code.clone());
        self.decisions.extend(message.advance_decision_number);
        self.announce_questions(&message.questions);
    }

    pub(super) fn announce_questions(&mut self, questions: &Questions) {
        self.questions.extend(questions.keys().cloned());
    }

    /// Reads them, and the answers given so far.
    pub(super) fn prefetch(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<ConsultationTypeByCode>(self.consultation_types.iter().cloned())?;
        session.prefetch::<ConsultationByNumber>(self.consultations.iter().copied())?;
        session.prefetch::<AdvanceDecisionTypeByCode>(self.decision_types.iter().cloned())?;
        session.prefetch::<AdvanceDecisionByNumber>(self.decisions.iter().copied())?;
        session.prefetch::<QuestionByText>(self.questions.iter().cloned())?;
        let mut parents = collect(&self.consultations, |number| {
            ids(session.in_memory_rows::<ConsultationByNumber>(number), |row| row.consultation_request_id)
        });
        parents.extend(collect(&self.decisions, |number| {
            ids(session.in_memory_rows::<AdvanceDecisionByNumber>(number), |row| row.advance_decision_id)
        }));
        session.prefetch::<AnswerByParent>(parents)
    }
}
