//! A person's data is removed.

use emap_star::rows::{CoreDemographic, Form, FormId, HospitalVisit, HospitalVisitId, MrnId};

use crate::{
    failure::Failure,
    rules::repositories::{forms, identity, visits},
    scope::Scope,
};

/// Deletes demographics, forms and visits of all identifiers of a patient, as far as the message is not older than
/// they are, and whatever hangs on them. The identifiers stay, and so do former versions.
pub(crate) fn delete(scope: &mut Scope<'_, '_>, live_mrn_id: MrnId) -> Result<(), Failure> {
    let identifiers: Vec<MrnId> =
        identity::leading_to(scope.rows, live_mrn_id)?.into_iter().map(|row| row.mrn_id).collect();
    for mrn_id in identifiers {
        let demographic = identity::demographics(scope.rows, mrn_id)?
            .filter(|row| row.valid_from < scope.message_time)
            .map(|row| row.core_demographic_id);
        if let Some(id) = demographic {
            scope.rows.delete::<CoreDemographic>(id, scope.message_time);
        }
        let forms: Vec<FormId> = forms::of_mrn(scope.rows, mrn_id)?
            .into_iter()
            .filter(|row| row.valid_from < scope.message_time)
            .map(|row| row.form_id)
            .collect();
        scope.rows.delete_with_dependents::<Form>(&forms, scope.message_time)?;
        let visits: Vec<HospitalVisitId> = visits::of_mrn(scope.rows, mrn_id)?
            .into_iter()
            .filter(|row| row.valid_from <= scope.message_time)
            .map(|row| row.hospital_visit_id)
            .collect();
        scope.rows.delete_with_dependents::<HospitalVisit>(&visits, scope.message_time)?;
    }
    Ok(())
}
