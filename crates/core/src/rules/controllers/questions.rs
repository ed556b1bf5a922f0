//! Questions and answers of orders, requests and decisions.

use emap_interchange::Questions;
use emap_star::rows::{Question, RequestAnswer};

use crate::{
    failure::Failure,
    rules::repositories::questions::{self, Parent},
    scope::Scope,
};

/// Notes the answers given with a parent; later ones replace earlier ones. What is not asked again stays.
pub(crate) fn answer(scope: &mut Scope<'_>, parent: Parent, asked: &Questions) -> Result<(), Failure> {
    for (text, answer) in asked {
        let question_id = get_or_create_question(scope, text)?;
        let known = questions::answer(scope.session, parent, question_id)?.cloned();
        let mut row = scope.open(known, |id, stored_from, valid_from| RequestAnswer {
            request_answer_id: id,
            stored_from,
            valid_from,
            answer: None,
            parent_id: parent.id(),
            parent_table: parent.table().to_owned(),
            question_id,
        })?;
        if row.message_should_update(scope.message_time) {
            row.answer.clone_from(answer);
        }
        scope.session.save(row)?;
    }
    Ok(())
}

/// The primary key of the question with this text. Questions never change.
fn get_or_create_question(scope: &mut Scope<'_>, text: &str) -> Result<i64, Failure> {
    if let Some(known) = questions::by_text(scope.session, text)? {
        return Ok(known.question_id);
    }
    let question_id = scope.session.next_id()?;
    scope.session.put(Question {
        question_id,
        question: text.to_owned(),
        stored_from: scope.session.stored_from(),
        valid_from: scope.message_time,
    })?;
    Ok(question_id)
}
