//! What the results of all laboratories have in common: everything around the value.

use emap_interchange::{InterchangeValue, LabResult, LabResultStatus};

use super::{message::LabMessage, value::range};
use crate::{values::plain_or_empty, views::Obx};

/// Codes, unit, range, flag and status of an observation. `normal` is the flag by which the system says that nothing is
/// out of the ordinary, if it has one.
pub(super) fn around_value(message: &LabMessage, obx: &Obx, normal: Option<&str>) -> LabResult {
    // In the order of the fields: going back in a segment costs time.
    let mut result = LabResult {
        test_item_local_code: Some(plain_or_empty(obx.code())),
        test_item_coding_system: Some(plain_or_empty(obx.code_system())),
        observation_sub_id: Some(plain_or_empty(obx.sub_id())),
        units: InterchangeValue::from_hl7(Some(plain_or_empty(obx.unit()))),
        ..LabResult::default()
    };
    (result.reference_low, result.reference_high) = range(&plain_or_empty(obx.reference_range()));
    result.abnormal_flag = abnormal_flag(obx, normal);
    result.result_status = Some(status(message, obx));
    result
}

/// A code that is not in the value list is as good as none.
fn status(message: &LabMessage, obx: &Obx) -> LabResultStatus {
    let code = obx.status().literal().unwrap_or_default();
    LabResultStatus::from_hl7_code(&code).unwrap_or_else(|| {
        let place = obx.status_place();
        tracing::warn!(id = message.received.source_id, %place, "unknown result status");
        LabResultStatus::Unknown
    })
}

/// Without a flag, one that was stored goes.
fn abnormal_flag(obx: &Obx, normal: Option<&str>) -> InterchangeValue<String> {
    let flag: String = obx.abnormal_flags().map(|flag| plain_or_empty(flag.value().trimmed())).collect();
    if flag.is_empty() || normal == Some(flag.as_str()) {
        return InterchangeValue::delete();
    }
    InterchangeValue::from_hl7(Some(flag))
}
