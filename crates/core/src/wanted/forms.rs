//! Forms, their templates and questions, and the answers given so far.

use emap_interchange::Form;
use emap_star::{
    Session, SessionError,
    rows::{
        FormAnswerByForm, FormAnswerBySourceId, FormBySourceId, FormDefinitionBySourceId,
        FormQuestionBySourceId,
    },
};

use super::{collect, ids};

/// Identifiers that messages name.
#[derive(Debug, Default)]
pub(super) struct Forms {
    templates: Vec<String>,
    questions: Vec<String>,
    instances: Vec<String>,
    answers: Vec<String>,
}

impl Forms {
    pub(super) fn announce(&mut self, message: &Form) {
        self.templates.extend(message.form_id.clone());
        self.instances.extend(message.form_instance_id.clone());
        for answer in &message.answers {
            self.questions.extend(answer.question_id.clone());
            self.answers.extend(answer.source_message_id.clone());
        }
    }

    pub(super) fn announce_template(&mut self, source_id: Option<&String>) {
        self.templates.extend(source_id.cloned());
    }

    pub(super) fn announce_question(&mut self, source_id: Option<&String>) {
        self.questions.extend(source_id.cloned());
    }

    pub(super) fn prefetch(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<FormDefinitionBySourceId>(self.templates.iter().cloned())?;
        session.prefetch::<FormQuestionBySourceId>(self.questions.iter().cloned())?;
        session.prefetch::<FormBySourceId>(self.instances.iter().cloned())?;
        session.prefetch::<FormAnswerBySourceId>(self.answers.iter().cloned())?;
        let forms = collect(&self.instances, |id| {
            ids(session.in_memory_rows::<FormBySourceId>(id), |row| row.form_id)
        });
        session.prefetch::<FormAnswerByForm>(forms)
    }
}
