//! A visit that belongs to another patient than was thought.

use emap_interchange::{Adt, AdtEvent};
use emap_star::rows::MrnId;

use super::visit::{assign_general, may_update, open};
use crate::{
    failure::{Cause, Failure, required},
    rules::{controllers::hospital_services, repositories::visits},
    scope::Scope,
};

/// Files the visit under the patient `to` and its new number. A visit that was not known is filed there at once.
pub(crate) fn move_visit(
    scope: &mut Scope<'_, '_>,
    from_mrn_id: MrnId,
    to_mrn_id: MrnId,
    message: &Adt,
) -> Result<(), Failure> {
    let AdtEvent::MoveVisitInformation { previous_visit_number, .. } = &message.event else { return Ok(()) };
    let previous = required(previous_visit_number.as_deref(), "previousVisitNumber")
        .map_err(Failure::undoing_the_message)?;
    let encounter = message.visit_number.as_deref().filter(|number| !number.is_empty()).unwrap_or(previous);
    if encounter == previous && from_mrn_id == to_mrn_id {
        return Err(Cause::IncompatibleState("the visit is to be moved to where it comes from").into());
    }
    if encounter != previous && visits::by_encounter(scope.rows, encounter)?.is_some() {
        return Err(Cause::IncompatibleState("there is a visit with the new visit number").into());
    }
    if previous.is_empty() {
        return Err(Cause::RequiredDataMissing("previous visit number").into());
    }
    let trusted = scope.source.is_trusted()?;
    let mut visit = open(scope, previous, from_mrn_id)?;
    if visit.is_created() || (trusted && may_update(scope, &visit)) {
        assign_general(scope, &mut visit, message)?;
        visit.mrn_id = to_mrn_id;
        encounter.clone_into(&mut visit.encounter);
    }
    let now = visit.encounter.clone();
    scope.rows.save(visit)?;
    hospital_services::renumber(scope, previous, &now)
}
