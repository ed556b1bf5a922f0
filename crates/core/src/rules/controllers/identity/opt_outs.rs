//! Patients whose data must not be used for research: it holds for all their identifiers.

use emap_star::rows::MrnId;

use crate::{failure::Failure, rules::repositories::identity, scope::Scope};

/// Notes on all identifiers of a patient whether the patient opted out.
pub(crate) fn set_opt_out(
    scope: &mut Scope<'_, '_>,
    live_mrn_id: MrnId,
    opted_out: bool,
) -> Result<(), Failure> {
    for mrn_id in identifiers(scope, live_mrn_id)? {
        let row = identity::by_id(scope.rows, mrn_id)?;
        if row.research_opt_out != opted_out {
            let mut row = row.clone();
            row.research_opt_out = opted_out;
            scope.rows.put(row)?;
        }
    }
    Ok(())
}

/// An opt-out of any identifier of a patient holds for all of them.
pub(super) fn spread(scope: &mut Scope<'_, '_>, live_mrn_id: MrnId) -> Result<(), Failure> {
    for mrn_id in identifiers(scope, live_mrn_id)? {
        if identity::by_id(scope.rows, mrn_id)?.research_opt_out {
            return set_opt_out(scope, live_mrn_id, true);
        }
    }
    Ok(())
}

fn identifiers(scope: &mut Scope<'_, '_>, live_mrn_id: MrnId) -> Result<Vec<MrnId>, Failure> {
    Ok(identity::leading_to(scope.rows, live_mrn_id)?.into_iter().map(|row| row.mrn_id).collect())
}
