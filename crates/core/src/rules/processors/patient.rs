//! Whom a clinical message is about. It may be the first to mention the patient or the visit.

use emap_star::rows::{HospitalVisitId, MrnId};

use crate::{
    failure::Failure,
    rules::{
        controllers::{identity, visits},
        repositories::identity::Identifiers,
    },
    scope::Scope,
};

/// The patient with a hospital number: the identifier in force.
pub(super) fn patient(scope: &mut Scope<'_, '_>, mrn: Option<&str>) -> Result<MrnId, Failure> {
    let known_from = Some(scope.message_time);
    identity::get_or_create_live(scope, Identifiers::of_mrn(mrn), known_from)
}

/// The visit with a visit number. Whose visit it is counts only if it is new.
pub(super) fn visit(
    scope: &mut Scope<'_, '_>,
    mrn: Option<&str>,
    visit_number: Option<&str>,
) -> Result<HospitalVisitId, Failure> {
    let mrn_id = patient(scope, mrn)?;
    visits::get_or_create(scope, visit_number, mrn_id)
}

/// The visit with a visit number of a patient, if the message names one.
pub(super) fn visit_if_named(
    scope: &mut Scope<'_, '_>,
    mrn_id: MrnId,
    visit_number: Option<&str>,
) -> Result<Option<HospitalVisitId>, Failure> {
    match visit_number {
        Some(number) => visits::get_or_create(scope, Some(number), mrn_id).map(Some),
        None => Ok(None),
    }
}
