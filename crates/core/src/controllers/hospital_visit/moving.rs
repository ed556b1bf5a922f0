//! A visit that belongs to another patient than was thought.

use emap_interchange::{Adt, AdtEvent};
use emap_star::{Instant, Session};

use super::{assign_general, may_update, open};
use crate::{outcome::ProcessingError, repositories::hospital_visits, source::Source};

/// Files the visit under the patient `to` and its new number. A visit that nobody knew is filed there at once.
pub(crate) fn move_visit(
    session: &mut Session,
    from_mrn_id: i64,
    to_mrn_id: i64,
    message: &Adt,
    source: Source<'_>,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let AdtEvent::MoveVisitInformation { previous_visit_number, .. } = &message.event else { return Ok(()) };
    let previous = previous_visit_number
        .as_deref()
        .ok_or(ProcessingError::Invalid("the message does not say which visit was moved"))?;
    let encounter = message.visit_number.as_deref().filter(|number| !number.is_empty()).unwrap_or(previous);
    if encounter == previous && from_mrn_id == to_mrn_id {
        return Err(ProcessingError::IncompatibleState("the visit is to be moved to where it comes from"));
    }
    if encounter != previous && hospital_visits::by_encounter(session, encounter)?.is_some() {
        return Err(ProcessingError::IncompatibleState("there is a visit with the new visit number"));
    }
    if previous.is_empty() {
        return Err(ProcessingError::RequiredDataMissing("previous visit number"));
    }
    let trusted = source.is_trusted()?;
    let mut visit = open(session, previous, from_mrn_id, source, message_time)?;
    if visit.is_created() || (trusted && may_update(&visit, message_time)) {
        assign_general(&mut visit, message, source)?;
        visit.mrn_id = to_mrn_id;
        encounter.clone_into(&mut visit.encounter);
    }
    session.save(visit)?;
    Ok(())
}
