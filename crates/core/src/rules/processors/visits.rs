//! Visits of patients, which any message about a patient's movements creates or updates, and visits that are filed
//! under another patient.

use emap_interchange::Adt;
use emap_star::rows::HospitalVisitId;

use crate::{
    failure::Failure,
    rules::{
        controllers::{identity, visits},
        repositories::identity::Identifiers,
    },
    scope::Scope,
};

/// Patient, then demographics, then visit. Gives the visit, if the message is about one.
pub(crate) fn update(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<Option<HospitalVisitId>, Failure> {
    let live_mrn_id =
        identity::get_or_create_live(scope, Identifiers::of(message), message.recorded_date_time)?;
    identity::update_demographics(scope, live_mrn_id, message)?;
    visits::update(scope, live_mrn_id, message)
}

/// Both patients, demographics of the one who has the visit now, then the visit. Where the patient was moves with it.
pub(crate) fn move_visit(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    let known_from = Some(scope.message_time);
    let from = identity::get_or_create_live(scope, Identifiers::previous(message), known_from)?;
    let to = identity::get_or_create_live(scope, Identifiers::of(message), message.recorded_date_time)?;
    identity::update_demographics(scope, to, message)?;
    visits::move_visit(scope, from, to, message)
}
