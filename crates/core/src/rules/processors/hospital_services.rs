//! Another speciality cares for a patient, who stays where they are.

use emap_interchange::Adt;

use super::visits;
use crate::{failure::Failure, rules::controllers::hospital_services, scope::Scope};

/// Patient, demographics and visit as for any patient message, then the speciality. The patient has not moved.
pub(crate) fn process(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    visits::update(scope, message)?;
    hospital_services::update(scope, message)
}
