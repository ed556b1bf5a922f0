//! Middleware of point-of-care devices: one order with one result in each message.

use emap_interchange::{InterchangeValue, LabOrder, LabResult};

use super::{
    message::LabMessage,
    order::{requested, set_all_times},
    result::around_value,
    value,
};
use crate::{
    notes::comments,
    orders::{Observation, Order},
    reasons::{Failure, RejectReason},
    values::{plain, plain_or_empty},
};

/// Flag of values in the normal range.
const NORMAL: &str = "N";

pub(super) fn order(message: &LabMessage, order: &Order) -> Result<LabOrder, Failure> {
    let obr = &order.obr;
    if order.observations.len() > 1 {
        return Err(RejectReason::SeveralObservations(order.observations.len()).into());
    }
    let mut lab_order = requested(message, order)?;
    set_all_times(&mut lab_order, message, obr)?;
    // These tests are not requested beforehand, whatever the field says.
    lab_order.requested_date_time = InterchangeValue::Unknown;
    lab_order.order_control_id = plain(order.orc.control());
    lab_order.lab_specimen_number = Some(plain_or_empty(obr.placer_number()));
    lab_order.lab_results = vec![result(message, order)?];
    Ok(lab_order)
}

/// Without an observation, that there is a result is all that is said.
fn result(message: &LabMessage, order: &Order) -> Result<LabResult, RejectReason> {
    let mut result = match order.observations.first() {
        Some(observation) => observed(message, observation),
        None => LabResult::default(),
    };
    result.test_item_coding_system = Some(message.received.lab_sender());
    result.result_time = message.received.clock.event(order.obr.changed_at())?;
    Ok(result)
}

fn observed(message: &LabMessage, observation: &Observation) -> LabResult {
    let mut result = around_value(message, &observation.obx, Some(NORMAL));
    value::set_text_or_number(&mut result, &observation.obx);
    result.notes = comments(&observation.notes);
    result
}
