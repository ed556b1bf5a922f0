//! The blood bank: tests before a transfusion.

use emap_interchange::{InterchangeValue, LabOrder, LabResult};

use super::{message::LabMessage, order::requested, result::around_value, value};
use crate::{
    notes::comments,
    orders::{Observation, Order},
    reasons::{Failure, RejectReason},
    values::{plain, plain_or_empty},
};

/// Name of the laboratory and of its codes.
const BANK_MANAGER: &str = "BANK_MANAGER";
/// Control code of a cancelled order.
const CANCELLED: &str = "OC";

pub(super) fn order(message: &LabMessage, order: &Order) -> Result<LabOrder, Failure> {
    let mut lab_order = requested(message, order)?;
    lab_order.sample_received_time = InterchangeValue::from_option(lab_order.collection_date_time);
    lab_order.order_date_time = lab_order.sample_received_time.clone();
    lab_order.order_control_id = plain(order.orc.control());
    lab_order.lab_specimen_number = Some(plain_or_empty(order.obr.filler_number()));
    lab_order.lab_department = Some(BANK_MANAGER.to_owned());
    lab_order.clinical_information = comments(&order.notes);
    if order.orc.control().is(CANCELLED) {
        // Which number it was is not said.
        lab_order.epic_care_order_number = InterchangeValue::delete();
    }
    let results = order.observations.iter().map(|observation| result(message, observation));
    lab_order.lab_results = results.collect::<Result<_, _>>()?;
    Ok(lab_order)
}

fn result(message: &LabMessage, observation: &Observation) -> Result<LabResult, RejectReason> {
    let obx = &observation.obx;
    let mut result = around_value(message, obx, None);
    value::set_text_or_number(&mut result, obx);
    result.test_item_coding_system = Some(BANK_MANAGER.to_owned());
    result.result_time = message.received.clock.event(obx.observed_at())?;
    result.notes = comments(&observation.notes);
    Ok(result)
}
