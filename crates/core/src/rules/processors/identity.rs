//! Identifiers of patients: merged, changed, deleted with all they stand for; and patients who do not want their data
//! used for research.

use emap_interchange::{Adt, ResearchOptOut};

use crate::{
    failure::{Failure, required},
    rules::{controllers::identity, repositories::identity::Identifiers},
    scope::{Context, Scope},
};

/// Two identifiers turn out to mean one patient: the previous one is retired.
pub(crate) fn merge(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    let mrn = required(message.mrn.as_deref(), "MRN")?;
    let patient = Identifiers::of(message);
    let surviving = identity::get_or_create_live_by_mrn(scope, mrn, patient, message.recorded_date_time)?;
    identity::update_demographics(scope, surviving, message)?;
    let retired = identity::get_or_create_all(scope, Identifiers::previous(message))?;
    identity::merge(scope, surviving, &retired)
}

/// A patient gets other identifiers; nothing else is touched.
pub(crate) fn change_identifiers(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    identity::change_identifiers(scope, Identifiers::of(message), Identifiers::previous(message))
}

/// Everything about a person is removed but the identifiers.
pub(crate) fn delete_person(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    let known_from = Some(scope.message_time);
    let live_mrn_id = identity::get_or_create_live(scope, Identifiers::of(message), known_from)?;
    identity::delete(scope, live_mrn_id)
}

/// The patient, then the opt-out or its end. Its time matters only if the patient is new.
pub(crate) fn process_opt_out(context: Context<'_, '_>, message: &ResearchOptOut) -> Result<(), Failure> {
    let stored_from = context.rows.stored_from();
    let mut scope = context.at(message.last_updated.unwrap_or(stored_from));
    let patient = Identifiers::of_opt_out(message);
    let live_mrn_id = identity::get_or_create_live(&mut scope, patient, message.last_updated)?;
    identity::set_opt_out(&mut scope, live_mrn_id, message.active)
}
