//! Identifiers that turn out to mean one patient.

use emap_star::{
    RowState,
    rows::{MrnId, MrnToLive},
};

use super::opt_outs;
use crate::{failure::Failure, rules::repositories::identity, scope::Scope};

/// Lets everything that leads to the retired identifiers lead to the surviving one, which must be in force. A retired
/// identifier that was merged away before stays where it leads. Visits and demographics keep their identifier.
pub(crate) fn merge(
    scope: &mut Scope<'_, '_>,
    surviving_mrn_id: MrnId,
    retired: &[MrnId],
) -> Result<(), Failure> {
    for &mrn_id in retired {
        let leading: Vec<MrnToLive> =
            identity::leading_to(scope.rows, mrn_id)?.into_iter().cloned().collect();
        for row in leading {
            let mut row = RowState::existing(row, scope.message_time);
            row.live_mrn_id = surviving_mrn_id;
            scope.rows.save(row)?;
        }
    }
    opt_outs::spread(scope, surviving_mrn_id)
}
