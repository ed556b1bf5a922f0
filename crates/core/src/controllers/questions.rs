//! Questions and answers of orders, requests and decisions.

use emap_interchange::Questions;
use emap_star::{
    Instant, Session,
    rows::{Question, RequestAnswer},
};

use super::opened::opened;
use crate::{
    outcome::ProcessingError,
    repositories::{questions, request_answers},
};

pub(crate) use crate::repositories::request_answers::Parent;

/// Notes the answers given with a parent; later ones replace earlier ones. What is not asked again stays.
/// `answered_at`: hospital time of the answers.
pub(crate) fn answer(
    session: &mut Session,
    parent: Parent,
    asked: &Questions,
    answered_at: Option<Instant>,
) -> Result<(), ProcessingError> {
    if asked.is_empty() {
        return Ok(());
    }
    let answered_at = answered_at.ok_or(ProcessingError::Invalid("the answers have no time"))?;
    for (text, answer) in asked {
        let question_id = question(session, text, answered_at)?;
        let known = request_answers::to_question(session, parent, question_id)?.cloned();
        let mut row = opened(session, known, answered_at, |id, stored_from| RequestAnswer {
            request_answer_id: id,
            stored_from,
            valid_from: answered_at,
            answer: None,
            parent_id: parent.id(),
            parent_table: parent.table().to_owned(),
            question_id,
        })?;
        if row.message_should_update(answered_at) {
            row.answer.clone_from(answer);
        }
        session.save(row)?;
    }
    Ok(())
}

/// The question with this text, got or created. Questions never change.
fn question(session: &mut Session, text: &str, asked_at: Instant) -> Result<i64, ProcessingError> {
    if let Some(known) = questions::by_text(session, text)? {
        return Ok(known.question_id);
    }
    let question_id = session.next_id()?;
    session.put(Question {
        question_id,
        question: text.to_owned(),
        stored_from: session.stored_from(),
        valid_from: asked_at,
    })?;
    Ok(question_id)
}
