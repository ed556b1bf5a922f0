//! Planned movements, and their cancellations.

use emap_interchange::Adt;

use super::visits;
use crate::{failure::Failure, rules::controllers::planned_movements, scope::Scope};

/// Patient, demographics and visit as for any patient message, then the plan. The patient has not moved.
pub(crate) fn process(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    match visits::update(scope, message)? {
        Some(visit) => planned_movements::update(scope, visit, message),
        None => Ok(()),
    }
}
