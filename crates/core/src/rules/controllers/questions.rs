//! Questions and answers of orders, requests and decisions.

use emap_interchange::Questions;
use emap_star::rows::{Question, QuestionId, RequestAnswer};

use crate::{
    failure::Failure,
    rules::repositories::questions::{self, Parent},
    scope::Scope,
};

/// Notes the answers given with a parent; later ones replace earlier ones. What is not asked again stays.
pub(crate) fn answer(scope: &mut Scope<'_, '_>, parent: Parent, asked: &Questions) -> Result<(), Failure> {
    for (text, answer) in asked {
        let question_id = get_or_create_question(scope, text)?;
        let known = questions::answer(scope.rows, parent, question_id)?.cloned();
        let mut row = scope
            .open(known, |id| RequestAnswer::new(id, parent.id(), parent.table().to_owned(), question_id))?;
        if row.message_should_update(scope.message_time) {
            row.answer.clone_from(answer);
        }
        scope.rows.save(row)?;
    }
    Ok(())
}

/// The primary key of the question with this text. Questions never change.
fn get_or_create_question(scope: &mut Scope<'_, '_>, text: &str) -> Result<QuestionId, Failure> {
    if let Some(known) = questions::by_text(scope.rows, text)? {
        return Ok(known.question_id);
    }
    let question_id = scope.rows.next_id()?;
    scope.rows.put(Question::new(
        question_id,
        text.to_owned(),
        scope.rows.stored_from(),
        scope.message_time,
    ))?;
    Ok(question_id)
}
