//! Blood gas analysers on the wards: one order for each sample, every value a number.

use emap_interchange::{LabOrder, LabResult};

use super::{
    message::LabMessage,
    order::{requested, set_all_times},
    result::around_value,
    value,
};
use crate::{
    notes::comments,
    orders::{Observation, Order},
    reasons::{Failure, RejectReason, SkipReason},
    values::plain_or_empty,
};

/// Kind of sample by which the device tests itself.
const SELF_TEST: &str = "Proficiency Testing";
/// Flag of values in the normal range.
const NORMAL: &str = "N";

pub(super) fn order(message: &LabMessage, order: &Order) -> Result<LabOrder, Failure> {
    let obr = &order.obr;
    if obr.specimen().is(SELF_TEST) {
        return Err(SkipReason::SelfTest.into());
    }
    let mut lab_order = requested(message, order)?;
    set_all_times(&mut lab_order, message, obr)?;
    lab_order.lab_specimen_number = Some(plain_or_empty(obr.filler_number()));
    let results = order.observations.iter().map(|observation| result(message, observation));
    lab_order.lab_results = results.collect::<Result<_, _>>()?;
    Ok(lab_order)
}

fn result(message: &LabMessage, observation: &Observation) -> Result<LabResult, RejectReason> {
    let obx = &observation.obx;
    let mut result = around_value(message, obx, Some(NORMAL));
    value::set_number(&mut result, obx);
    result.test_item_coding_system = Some(message.received.lab_sender());
    result.result_time = message.received.clock.event(obx.observed_at())?;
    result.notes = comments(&observation.notes);
    Ok(result)
}
