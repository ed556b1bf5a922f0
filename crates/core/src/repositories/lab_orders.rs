//! Requests for batteries of tests, their former versions, and cancellations of requests that never came.

use emap_star::{
    Session, SessionError,
    rows::{LabOrder, LabOrderAudit, LabOrderBySample, LabSample, OrderVersionBySample},
};

use super::only::only;

/// The request for a battery on a sample.
pub(crate) fn of_battery(
    session: &mut Session,
    lab_sample_id: i64,
    lab_battery_id: i64,
) -> Result<Option<&LabOrder>, SessionError> {
    let orders = session.children::<LabSample, LabOrderBySample>(lab_sample_id)?.into_iter();
    only(orders.filter(|order| order.lab_battery_id == lab_battery_id))
}

/// Former versions of requests for a battery on a sample, and their cancellations.
pub(crate) fn versions_of_battery(
    session: &mut Session,
    lab_sample_id: i64,
    lab_battery_id: i64,
) -> Result<impl Iterator<Item = &LabOrderAudit>, SessionError> {
    let versions = session.children::<LabSample, OrderVersionBySample>(lab_sample_id)?.into_iter();
    Ok(versions.filter(move |version| version.lab_battery_id == lab_battery_id))
}
