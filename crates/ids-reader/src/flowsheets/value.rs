//! The value of one observation on a chart.

use chrono::NaiveDate;
use emap_hl7::{Place, strip};
use emap_interchange::InterchangeValue;
use thiserror::Error;

use crate::{
    clock::with_day,
    reasons::RejectReason,
    values::{joined_components, measured_number, mere_date},
    views::Obx,
};

/// Data types that have no parts. One of them without text is no value; one with parts always is.
const PRIMITIVE: [&str; 11] = ["DT", "DTM", "FT", "GTS", "ID", "IS", "NM", "SI", "ST", "TM", "TX"];

/// A value to chart, or to take off the chart.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Number(InterchangeValue<f64>),
    Date(InterchangeValue<NaiveDate>),
    Text(InterchangeValue<String>),
}

/// Why an observation gives no message.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum LeftOut {
    #[error("{0}: neither final, corrected nor deleted")]
    Status(Place),
    #[error("{0}: no value")]
    NoValue(Place),
    /// Something is wrong with the observation at this place.
    #[error("{1}")]
    Wrong(Place, RejectReason),
}

/// Reads the value as its data type says. What is deleted is so whatever its value, which is mostly `""`.
pub(super) fn read(obx: &Obx) -> Result<Value, LeftOut> {
    let wrong = |reason| LeftOut::Wrong(obx.code_place(), reason);
    let deleted = match obx.status().as_text() {
        Some("D") => true,
        Some("C" | "F") => false,
        _ => return Err(LeftOut::Status(obx.status_place())),
    };
    let data_type = obx.data_type();
    let data_type = data_type.as_text().unwrap_or_default();
    let first = obx.value().repetition(1).component(1).whole();
    let has_parts = !data_type.is_empty() && !PRIMITIVE.contains(&data_type);
    if obx.value_is_missing() || (first.is_absent() && !has_parts) {
        return Err(LeftOut::NoValue(obx.value().place()));
    }
    match (data_type, deleted) {
        ("NM", true) => Ok(Value::Number(InterchangeValue::delete())),
        ("NM", false) => {
            let number = first.as_text().and_then(measured_number);
            let number = number.ok_or_else(|| wrong(RejectReason::NoNumber(obx.value().place())))?;
            Ok(Value::Number(InterchangeValue::Save(number)))
        }
        ("DT", true) => Ok(Value::Date(InterchangeValue::delete())),
        ("DT", false) => {
            with_day(obx.value()).map_err(wrong)?;
            Ok(Value::Date(mere_date(obx.value()).map_err(wrong)?))
        }
        (_, true) => Ok(Value::Text(InterchangeValue::delete())),
        (_, false) => Ok(Value::Text(InterchangeValue::from_hl7(Some(text(obx))))),
    }
}

impl Value {
    pub(super) fn is_unknown(&self) -> bool {
        match self {
            Self::Number(number) => number.is_unknown(),
            Self::Date(date) => date.is_unknown(),
            Self::Text(text) => text.is_unknown(),
        }
    }
}

/// All repetitions, a line each.
fn text(obx: &Obx) -> String {
    let lines = obx.value().repetitions().map(|line| strip(&joined_components(line)).to_owned());
    strip(&lines.collect::<Vec<_>>().join("\n")).to_owned()
}
