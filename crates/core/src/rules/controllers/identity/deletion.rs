//! A person's data is removed.

use std::collections::BTreeSet;

use emap_star::rows::{
    CoreDemographic, EtlPersonRemoval, Form, FormId, HospitalVisit, HospitalVisitId, MrnId,
};

use crate::{
    failure::Failure,
    rules::{
        controllers::hospital_services,
        repositories::{forms, identity, visits},
    },
    scope::Scope,
};

/// Deletes demographics, forms and visits of all identifiers of a patient, as far as the message is not older than
/// they are, and whatever hangs on them. The identifiers stay, and so do former versions. The person's numbers are noted:
/// bodies of rejected messages that hold them are removed later.
pub(crate) fn delete(scope: &mut Scope<'_, '_>, live_mrn_id: MrnId) -> Result<(), Failure> {
    let identifiers: Vec<MrnId> =
        identity::leading_to(scope.rows, live_mrn_id)?.into_iter().map(|row| row.mrn_id).collect();
    let mut numbers = BTreeSet::new();
    for mrn_id in identifiers {
        let identifier = identity::by_id(scope.rows, mrn_id)?;
        numbers.extend(identifier.mrn.iter().chain(&identifier.nhs_number).cloned());
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
        let (visits, encounters): (Vec<HospitalVisitId>, Vec<String>) = visits::of_mrn(scope.rows, mrn_id)?
            .into_iter()
            .filter(|row| row.valid_from <= scope.message_time)
            .map(|row| (row.hospital_visit_id, row.encounter.clone()))
            .unzip();
        for encounter in &encounters {
            hospital_services::forget(scope, encounter)?;
        }
        numbers.extend(encounters);
        scope.rows.delete_with_dependents::<HospitalVisit>(&visits, scope.message_time)?;
    }
    let (removed, stored_from) = (scope.message_time, scope.rows.stored_from());
    for number in numbers.into_iter().filter(|number| !number.is_empty()) {
        let id = scope.rows.next_id()?;
        scope.rows.put(EtlPersonRemoval::new(id, number, removed, stored_from))?;
    }
    Ok(())
}
