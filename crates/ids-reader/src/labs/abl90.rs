//! Blood gas analysers on the wards: one order for each sample, every value a number.

use emap_interchange::{LabOrder, LabResult};

use super::order::{requested, set_all_times, source_system};
use super::result::around_value;
use super::{Sent, value};
use crate::convert::{Failure, RejectReason, SkipReason};
use crate::notes::comments;
use crate::orders::{Observation, Order};
use crate::values::{instant, leading_trimmed};

/// Kind of sample by which the device tests itself.
const SELF_TEST: &str = "Proficiency Testing";
/// Flag of values in the normal range.
const NORMAL: &str = "N";

pub(super) fn order(sent: &Sent, order: &Order) -> Result<LabOrder, Failure> {
    let obr = &order.obr;
    if obr.specimen().is(SELF_TEST) {
        return Err(SkipReason::SelfTest.into());
    }
    let mut lab_order = requested(sent, order)?;
    set_all_times(&mut lab_order, sent, obr)?;
    lab_order.lab_specimen_number = Some(leading_trimmed(obr.filler_number().value()));
    let results = order.observations.iter().map(|observation| result(sent, observation));
    lab_order.lab_results = results.collect::<Result<_, _>>()?;
    Ok(lab_order)
}

fn result(sent: &Sent, observation: &Observation) -> Result<LabResult, RejectReason> {
    let obx = &observation.obx;
    let mut result = around_value(sent, obx, Some(NORMAL));
    value::set_number(&mut result, obx);
    result.test_item_coding_system = Some(source_system(sent.received));
    result.result_time = instant(obx.observed_at(), sent.received.zone)?;
    result.notes = comments(&observation.notes);
    Ok(result)
}
