//! What the orders and results of all laboratories have in common.

use emap_interchange::{
    Instant,
    InterchangeValue::{self, Save},
    LabOrder, LabResult, LabResultStatus, OrderCodingSystem, Questions, ValueType,
};

use crate::{event::Event, number::Decimal};

/// An order of a test of a system, with its sample.
pub(super) fn order(
    event: &Event,
    system: OrderCodingSystem,
    test: &str,
    (sample, collected): (String, Instant),
) -> LabOrder {
    LabOrder {
        mrn: event.mrn(),
        visit_number: event.visit_number(),
        test_battery_local_code: Some(test.to_owned()),
        test_battery_coding_system: Some(system.as_str().to_owned()),
        lab_specimen_number: Some(sample),
        collection_date_time: Some(collected),
        status_change_time: Some(event.at),
        ..LabOrder::default()
    }
}

pub(super) fn questions(asked: &[(&str, &str)]) -> Questions {
    asked.iter().map(|(question, answer)| ((*question).to_owned(), Some((*answer).to_owned()))).collect()
}

/// A result that is a text.
pub(super) fn text(code: &str, system: &str, value: &str, at: Instant) -> LabResult {
    LabResult {
        mime_type: Some(ValueType::Text),
        test_item_local_code: Some(code.to_owned()),
        test_item_coding_system: Some(system.to_owned()),
        string_value: Save(value.to_owned()),
        result_status: Some(LabResultStatus::Final),
        result_time: Some(at),
        ..LabResult::default()
    }
}

/// A result that is a number.
pub(super) fn number(code: &str, system: &str, value: Decimal, at: Instant) -> LabResult {
    LabResult {
        mime_type: Some(ValueType::Numeric),
        numeric_value: Save(value.value()),
        result_operator: Some("=".to_owned()),
        ..text(code, system, &value.to_string(), at)
    }
}

/// Nothing, or the flag `normal`: no flag.
pub(super) fn flag(flag: &str, normal: &str) -> InterchangeValue<String> {
    if flag.is_empty() || flag == normal { InterchangeValue::delete() } else { Save(flag.to_owned()) }
}
