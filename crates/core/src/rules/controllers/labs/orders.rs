//! Requests for batteries of tests on samples.

use emap_interchange::{InterchangeValue, LabOrder as Message};
use emap_star::{
    RowState,
    rows::{HospitalVisitId, LabBatteryId, LabOrder, LabOrderId, LabSampleId},
};

use crate::{
    assign::{Assign, assign_if_null_or_newer, assign_plain},
    failure::{Cause, Failure},
    rules::repositories::labs,
    scope::Scope,
};

/// What a request is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'m> {
    pub(crate) lab_battery_id: LabBatteryId,
    pub(crate) lab_sample_id: LabSampleId,
    /// The visit, if the message names one.
    pub(crate) hospital_visit_id: Option<HospitalVisitId>,
    pub(crate) message: &'m Message,
}

/// Notes the request, unless it was cancelled before. Gives its primary key.
pub(crate) fn update(scope: &mut Scope<'_, '_>, request: Request<'_>) -> Result<LabOrderId, Failure> {
    let known = labs::order_of_battery(scope.rows, request.lab_sample_id, request.lab_battery_id)?.cloned();
    if was_cancelled(scope, request, known.as_ref())? {
        return Err(Cause::Cancelled("the laboratory order").into());
    }
    let order = open(scope, request, known)?;
    let lab_order_id = order.lab_order_id;
    scope.rows.save(order)?;
    Ok(lab_order_id)
}

/// A request for this battery on this sample, with the message's number, was there and is no more, or was cancelled
/// before it came. As long as no other request stands, its time of order is enough. Which of the messages is newer plays
/// no part.
fn was_cancelled(
    scope: &mut Scope<'_, '_>,
    request: Request<'_>,
    standing: Option<&LabOrder>,
) -> Result<bool, Failure> {
    let message = request.message;
    let standing = standing.map(|order| order.lab_order_id);
    let versions = labs::versions_of_battery(scope.rows, request.lab_sample_id, request.lab_battery_id)?;
    let mut of_others = versions.filter(|version| standing.is_none() || version.lab_order_id != standing);
    Ok(of_others.any(|version| {
        is_saved(&message.epic_care_order_number, version.internal_lab_number.as_ref())
            || standing.is_none() && is_saved(&message.order_date_time, version.order_datetime.as_ref())
    }))
}

fn is_saved<T: PartialEq>(field: &InterchangeValue<T>, column: Option<&T>) -> bool {
    field.is_save() && field.saved() == column
}

/// The request as the message alone gives it, whatever is known.
pub(super) fn as_new(scope: &mut Scope<'_, '_>, request: Request<'_>) -> Result<RowState<LabOrder>, Failure> {
    open(scope, request, None)
}

/// Opens the request as it is known, or else a new one, and fills in what the message says.
fn open(
    scope: &mut Scope<'_, '_>,
    request: Request<'_>,
    known: Option<LabOrder>,
) -> Result<RowState<LabOrder>, Failure> {
    let mut order = scope.open(known, |lab_order_id| {
        LabOrder::new(lab_order_id, request.lab_battery_id, request.lab_sample_id)
    })?;
    let message = request.message;
    let newer = order.message_is_newer(scope.message_time);
    order.hospital_visit_id = order.hospital_visit_id.or(request.hospital_visit_id);
    assign_if_null_or_newer(&message.order_date_time, &mut order.order_datetime, newer);
    assign_if_null_or_newer(&message.requested_date_time, &mut order.request_datetime, newer);
    if newer {
        message.clinical_information.assign_to(&mut order.clinical_information);
        assign_plain(Some(scope.source.system()?), &mut order.source_system);
        message.epic_care_order_number.assign_to(&mut order.internal_lab_number);
    }
    Ok(order)
}
