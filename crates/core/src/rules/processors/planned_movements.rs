//! Planned movements, and their cancellations.

use emap_interchange::Adt;

use super::visits;
use crate::{
    failure::Failure,
    rules::controllers::{hospital_services, planned_movements},
    scope::Scope,
};

/// Patient, demographics and visit as for any patient message, then the plan. The patient has not moved.
pub(crate) fn process(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    let Some(visit) = visits::update(scope, message)? else { return Ok(()) };
    planned_movements::update(scope, visit, message)?;
    // What was reported of services meanwhile may come after this plan.
    hospital_services::bring_into_line(scope, message.visit_number.as_deref().unwrap_or_default())
}
