//! The value of a result: text, and the number in it.

use emap_hl7::{Repetition, Value, strip};
use emap_interchange::{InterchangeValue, LabResult, ValueType};

use crate::{
    values::{joined_components, leading_trimmed, measured_number, trailing_trimmed},
    views::Obx,
};

/// Reads text and numbers, the data type deciding which. Other types set nothing.
pub(super) fn set_text_or_number(result: &mut LabResult, obx: &Obx) {
    match obx.data_type().as_text() {
        Some("ST" | "FT" | "TX") => set_text(result, obx),
        Some("NM") => set_number(result, obx),
        _ => {}
    }
}

/// Reads the value as text, each repetition a line.
pub(super) fn set_text(result: &mut LabResult, obx: &Obx) {
    result.mime_type = Some(ValueType::Text);
    result.string_value = InterchangeValue::from_hl7(Some(lines(obx)));
}

fn lines(obx: &Obx) -> String {
    let data_type = obx.data_type();
    let mut lines = obx.values().map(|line| text_of(&data_type, line));
    let mut text = lines.next().unwrap_or_default();
    for line in lines {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// Reads the value as a number with an operator before it. The text is kept; if it holds no number, one that was
/// stored goes.
pub(super) fn set_number(result: &mut LabResult, obx: &Obx) {
    result.mime_type = Some(ValueType::Numeric);
    result.string_value = InterchangeValue::from_hl7(Some(strip(&lines(obx))));
    let Some(text) = result.string_value.saved() else { return };
    let (operator, number) = match text.split_at_checked(1) {
        Some((operator @ ("<" | ">"), number)) => (operator, number),
        _ => ("=", text.as_str()),
    };
    let number = measured_number(number);
    result.result_operator = Some(operator.to_owned());
    result.numeric_value = number.map_or_else(InterchangeValue::delete, InterchangeValue::Save);
}

/// One repetition of a value as text, components as they were sent. Blanks that only fill the field are dropped: before
/// short and formatted texts, after long ones.
pub(super) fn text_of(data_type: &Value, repetition: Repetition) -> String {
    let joined = joined_components(repetition);
    match data_type.as_text() {
        Some("ST" | "FT") => leading_trimmed(joined),
        Some("TX") => trailing_trimmed(joined),
        _ => joined,
    }
}

/// A reference range: `3.5-5.3`, `<8` or `>60`. What is none of these sets nothing.
pub(super) fn range(text: &str) -> (InterchangeValue<f64>, InterchangeValue<f64>) {
    const NOTHING: (InterchangeValue<f64>, InterchangeValue<f64>) =
        (InterchangeValue::Unknown, InterchangeValue::Unknown);
    let mut ends = text.trim_end_matches('-').split('-');
    if let (Some(low), Some(high), None) = (ends.next(), ends.next(), ends.next()) {
        let both = measured_number(low).zip(measured_number(high));
        return both
            .map_or(NOTHING, |(low, high)| (InterchangeValue::Save(low), InterchangeValue::Save(high)));
    }
    if text.starts_with('<') {
        let high = measured_number(&text.replace('<', ""));
        return high.map_or(NOTHING, |high| (InterchangeValue::delete(), InterchangeValue::Save(high)));
    }
    if text.starts_with('>') {
        let low = measured_number(&text.replace('>', ""));
        return low.map_or(NOTHING, |low| (InterchangeValue::Save(low), InterchangeValue::delete()));
    }
    NOTHING
}

#[cfg(test)]
mod tests {
    use super::*;
    use InterchangeValue::{Save, Unknown};

    #[test]
    fn ranges_with_two_ends_or_one() {
        assert_eq!(range("3.5-5.3"), (Save(3.5), Save(5.3)));
        assert_eq!(range("3 - 10"), (Save(3.0), Save(10.0)));
        assert_eq!(range("<8"), (InterchangeValue::delete(), Save(8.0)));
        assert_eq!(range(">60"), (Save(60.0), InterchangeValue::delete()));
    }

    #[test]
    fn what_is_no_range() {
        for text in ["", "-", "5-", "-5", "-5-10", "0-2-7.2", ">2-7.2", "<", "\"\"", "negative", "1-x"] {
            assert_eq!(range(text), (Unknown, Unknown), "{text}");
        }
    }
}
