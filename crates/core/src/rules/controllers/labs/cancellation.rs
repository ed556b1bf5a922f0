//! Orders are cancelled, also such as have not come yet.

use emap_star::{
    Audited,
    rows::{LabOrder, LabOrderAudit, LabOrderId},
};

use super::orders::{self, Request};
use crate::{
    failure::{Cause, Failure},
    rules::repositories::labs,
    scope::Scope,
};

/// Deletes the order, whatever its number, if it is older than the cancellation and has no results. The cancelled
/// number is remembered, by the deleted order or else by a note, so that an order of this number that comes late is
/// refused.
pub(crate) fn cancel(scope: &mut Scope<'_, '_>, request: Request<'_>) -> Result<(), Failure> {
    let number = request.message.epic_care_order_number.get();
    let known = labs::order_of_battery(scope.rows, request.lab_sample_id, request.lab_battery_id)?.cloned();
    let standing = match known {
        Some(order) if order.valid_from < scope.message_time => {
            if labs::has_results(scope.rows, order.lab_order_id)? {
                return Err(
                    Cause::IncompatibleState("the laboratory order to be cancelled has results").into()
                );
            }
            scope.rows.delete::<LabOrder>(order.lab_order_id, scope.message_time);
            if number.is_none() || number == order.internal_lab_number.as_ref() {
                return Ok(());
            }
            None
        }
        known => known.map(|order| order.lab_order_id),
    };
    note(scope, request, standing)
}

/// Notes the cancellation, once, as a version of no order. `standing`: the order that it leaves.
fn note(
    scope: &mut Scope<'_, '_>,
    request: Request<'_>,
    standing: Option<LabOrderId>,
) -> Result<(), Failure> {
    let number = request.message.epic_care_order_number.get();
    // An order that the same cancellation deleted, when it came before, is as good as the note.
    let is_noted = labs::versions_of_battery(scope.rows, request.lab_sample_id, request.lab_battery_id)?
        .filter(|version| standing.is_none() || version.lab_order_id != standing)
        .filter(|version| version.valid_until == Some(scope.message_time))
        .any(|version| number.is_none() || number == version.internal_lab_number.as_ref());
    if is_noted {
        return Ok(());
    }
    let stored_from = scope.rows.stored_from();
    let mut order = orders::as_new(scope, request)?;
    order.stamp(scope.message_time, stored_from);
    let version = order.to_twin(scope.rows.next_id()?, scope.message_time, stored_from);
    scope.rows.put(LabOrderAudit { lab_order_id: None, ..version })?;
    Ok(())
}
