//! Patients whose data must not be used for research: it holds for all their identifiers.

use crate::{failure::Failure, rules::repositories::identity, scope::Scope};

/// Notes on all identifiers of a patient whether the patient opted out.
pub(crate) fn set_opt_out(scope: &mut Scope<'_>, live_mrn_id: i64, opted_out: bool) -> Result<(), Failure> {
    for mrn_id in identifiers(scope, live_mrn_id)? {
        let row = identity::by_id(scope.session, mrn_id)?;
        if row.research_opt_out != opted_out {
            let mut row = row.clone();
            row.research_opt_out = opted_out;
            scope.session.put(row)?;
        }
    }
    Ok(())
}

/// An opt-out of any identifier of a patient holds for all of them.
pub(super) fn spread(scope: &mut Scope<'_>, live_mrn_id: i64) -> Result<(), Failure> {
    for mrn_id in identifiers(scope, live_mrn_id)? {
        if identity::by_id(scope.session, mrn_id)?.research_opt_out {
            return set_opt_out(scope, live_mrn_id, true);
        }
    }
    Ok(())
}

fn identifiers(scope: &mut Scope<'_>, live_mrn_id: i64) -> Result<Vec<i64>, Failure> {
    Ok(identity::leading_to(scope.session, live_mrn_id)?.into_iter().map(|row| row.mrn_id).collect())
}
