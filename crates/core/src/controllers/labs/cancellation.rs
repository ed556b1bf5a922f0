//! Orders are cancelled, also such as have not come yet.

use emap_star::{
    Audited, Session,
    rows::{LabOrder, LabOrderAudit},
};

use super::orders::{self, Request};
use crate::{
    outcome::ProcessingError,
    repositories::{lab_orders, lab_results},
};

/// Deletes the order, if it is older than its cancellation. Otherwise notes the cancellation, so that the order is
/// refused should it come late.
pub(crate) fn cancel(session: &mut Session, request: Request<'_>) -> Result<(), ProcessingError> {
    let known = lab_orders::of_battery(session, request.lab_sample_id, request.lab_battery_id)?;
    let older = known.filter(|order| order.valid_from < request.message_time);
    let Some(lab_order_id) = older.map(|order| order.lab_order_id) else {
        let is_there = known.is_some();
        return note(session, request, is_there);
    };
    if lab_results::exist(session, lab_order_id)? {
        return Err(ProcessingError::IncompatibleState("the laboratory order to be cancelled has results"));
    }
    session.delete::<LabOrder>(lab_order_id, request.message_time);
    Ok(())
}

/// Notes the cancellation as a version of no order, once.
fn note(session: &mut Session, request: Request<'_>, is_there: bool) -> Result<(), ProcessingError> {
    let stored_from = session.stored_from();
    let order = orders::as_told(0, stored_from, request)?;
    // The order that it deleted, when it came before, tells the same.
    let is_noted = lab_orders::versions_of_battery(session, request.lab_sample_id, request.lab_battery_id)?
        .any(|version| (!is_there || version.lab_order_id.is_none()) && tells(version, &order));
    if is_noted {
        return Ok(());
    }
    let cancellation = LabOrderAudit {
        lab_order_id: None,
        ..order.to_twin(session.next_id()?, request.message_time, stored_from)
    };
    session.put(cancellation)?;
    Ok(())
}

/// A version ended when this order is cancelled, and has all by which the order would be recognised.
fn tells(version: &LabOrderAudit, order: &LabOrder) -> bool {
    let covers = |known, wanted: Option<_>| wanted.is_none() || known == wanted;
    version.valid_until == Some(order.valid_from)
        && (order.internal_lab_number.is_none() || version.internal_lab_number == order.internal_lab_number)
        && covers(version.order_datetime, order.order_datetime)
}
