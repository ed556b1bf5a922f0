//! Middleware of point-of-care devices: one order with one result in each message.

use emap_interchange::{InterchangeValue, LabOrder, LabResult};

use super::order::{requested, set_all_times, source_system};
use super::result::around_value;
use super::{Sent, value};
use crate::convert::{Failure, RejectReason};
use crate::notes::comments;
use crate::orders::{Observation, Order};
use crate::values::{instant, leading_trimmed, plain};

/// Flag of values in the normal range.
const NORMAL: &str = "N";

pub(super) fn order(sent: &Sent, order: &Order) -> Result<LabOrder, Failure> {
    let obr = &order.obr;
    if order.observations.len() > 1 {
        return Err(RejectReason::SeveralObservations(order.observations.len()).into());
    }
    let mut lab_order = requested(sent, order)?;
    set_all_times(&mut lab_order, sent, obr)?;
    // Nobody asks for these tests beforehand, whatever the field says.
    lab_order.requested_date_time = InterchangeValue::Unknown;
    lab_order.order_control_id = plain(order.orc.control());
    lab_order.lab_specimen_number = Some(leading_trimmed(obr.placer_number().value()));
    lab_order.lab_results = vec![result(sent, order)?];
    Ok(lab_order)
}

/// Without an observation, that there is a result is all that is said.
fn result(sent: &Sent, order: &Order) -> Result<LabResult, RejectReason> {
    let mut result = match order.observations.first() {
        Some(observation) => observed(sent, observation),
        None => LabResult::default(),
    };
    result.test_item_coding_system = Some(source_system(sent.received));
    result.result_time = instant(order.obr.changed_at(), sent.received.zone)?;
    Ok(result)
}

fn observed(sent: &Sent, observation: &Observation) -> LabResult {
    let mut result = around_value(sent, &observation.obx, Some(NORMAL));
    value::set_text_or_number(&mut result, &observation.obx);
    result.notes = comments(&observation.notes);
    result
}
