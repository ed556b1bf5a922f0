//! Forms made of smart data elements.

pub(crate) mod answers;
pub(crate) mod templates;

use emap_star::{Audited, Holds, Instant, Session, Tables, rows::Form};

use super::opened::opened;
use crate::{outcome::ProcessingError, repositories::forms};

/// The filled-in form with an identifier, got or created. Once known, a form keeps its visit, its template and the
/// time at which it was first filed.
pub(crate) fn filled_in(
    session: &mut Session,
    hospital_visit_id: i64,
    form_definition_id: i64,
    source_id: Option<&str>,
    first_filed: Instant,
) -> Result<i64, ProcessingError> {
    let source_id = source_id.ok_or(ProcessingError::Invalid("the form has no formInstanceId"))?;
    if let Some(known) = forms::by_source_id(session, source_id)? {
        return Ok(known.form_id);
    }
    let form = opened(session, None, first_filed, |id, stored_from| Form {
        form_id: id,
        stored_from,
        valid_from: first_filed,
        first_filed_datetime: Some(first_filed),
        internal_id: source_id.to_owned(),
        note_id: None,
        form_definition_id: Some(form_definition_id),
        hospital_visit_id: Some(hospital_visit_id),
        mrn_id: None,
    })?;
    let form_id = form.form_id;
    session.save(form)?;
    Ok(form_id)
}

/// Saves what a message says of a row. Only where there is something to write must the message tell since when it
/// holds.
fn save_changed<R: Audited>(
    session: &mut Session,
    known: Option<R>,
    valid_from: Option<Instant>,
    new: impl FnOnce(i64, Instant, Instant) -> R,
    change: impl Fn(&mut R),
) -> Result<(), ProcessingError>
where
    Tables: Holds<R>,
{
    let Some(valid_from) = valid_from else {
        let is_repeated = known.is_some_and(|known| {
            let mut after = known.clone();
            change(&mut after);
            after == known
        });
        return if is_repeated { Ok(()) } else { Err(ProcessingError::Invalid("a change without a time")) };
    };
    let mut row = opened(session, known, valid_from, |id, stored_from| new(id, stored_from, valid_from))?;
    change(&mut row);
    session.save(row)?;
    Ok(())
}
