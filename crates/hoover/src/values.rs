//! Rules of conversion that data types share.

use chrono::{NaiveDate, SecondsFormat};
use emap_interchange::{EpicRecordStatus, Instant, InterchangeValue, Message, Payload};

use crate::{source::SourceName, strategy::Unconvertible};

/// A wrapped text: null and empty say nothing.
pub(crate) fn wrapped(text: Option<&str>) -> InterchangeValue<String> {
    match text {
        None | Some("") => InterchangeValue::Unknown,
        Some(text) => InterchangeValue::Save(text.to_owned()),
    }
}

/// A text that must not be missing; blanks alone are none.
pub(crate) fn required(row: i64, text: Option<&str>, what: &str) -> Result<String, Unconvertible> {
    match text.filter(|text| !text.trim().is_empty()) {
        None => Err(Unconvertible::new(row, format!("has no {what}"))),
        Some(text) => Ok(text.to_owned()),
    }
}

/// What a code means: `None` if there is no code.
pub(crate) fn label<'l>(
    row: i64,
    code: Option<i32>,
    label: Option<&'l str>,
    column: &str,
) -> Result<Option<&'l str>, Unconvertible> {
    match (code, label) {
        (None, _) => Ok(None),
        (Some(_), Some(label)) => Ok(Some(label)),
        (Some(code), None) => Err(Unconvertible::new(row, format!("{column}: code {code} has no label"))),
    }
}

/// State of a department, room or bed; one without a code is active.
pub(crate) fn record_status(
    row: i64,
    code: Option<i32>,
    text: Option<&str>,
    column: &str,
) -> Result<EpicRecordStatus, Unconvertible> {
    let Some(text) = label(row, code, text, column)? else { return Ok(EpicRecordStatus::Active) };
    let unknown = || Unconvertible::new(row, format!("{column}: unknown record status {text:?}"));
    EpicRecordStatus::from_display_text(text).ok_or_else(unknown)
}

/// Lines of a text, a null line as an empty one, without blanks around the whole.
pub(crate) fn joined<'l>(lines: impl IntoIterator<Item = Option<&'l str>>) -> String {
    let lines: Vec<&str> = lines.into_iter().map(Option::unwrap_or_default).collect();
    lines.join("\n").trim().to_owned()
}

/// A number as people write it; `NaN`, `inf` and the like are none.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    let parsed: f64 = text.bytes().all(is_plain).then(|| text.parse().ok())??;
    parsed.is_finite().then_some(parsed)
}

/// A day as ISO 8601 writes it, `2021-03-04`.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    const LENGTH: usize = 10;
    let text = text.trim();
    // The parser takes shorter forms as well.
    if text.len() == LENGTH { text.parse().ok() } else { None }
}

/// ISO 8601 in UTC, without a fraction that is zero.
pub(crate) fn iso(instant: Instant) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A message of a source.
pub(crate) fn message(source: SourceName, id: impl Into<String>, payload: impl Into<Payload>) -> Message {
    Message {
        source_message_id: Some(id.into()),
        source_system: Some(source.text().to_owned()),
        payload: payload.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lines_and_numbers() {
        assert_eq!(wrapped(Some("")), InterchangeValue::Unknown);
        assert_eq!(wrapped(Some(" ")), InterchangeValue::Save(" ".to_owned()));
        assert_eq!(joined([None, Some("one"), None, Some("two "), None]), "one\n\ntwo");
        assert_eq!((number(" -1.50 "), number("1e3")), (Some(-1.5), Some(1000.0)));
        for text in ["", "NaN", "inf", "0x10", "1,5", "12 mg", "1e999"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(day(" 2021-03-04 "), NaiveDate::from_ymd_opt(2021, 3, 4));
        for text in ["2021-3-4", "04/03/2021", "2021-02-30", "2021-03-04T00:00", "+21-03-004"] {
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(iso("2021-03-04T05:06:07Z".parse().unwrap()), "2021-03-04T05:06:07Z");
        assert_eq!(iso("2021-03-04T05:06:07.250Z".parse().unwrap()), "2021-03-04T05:06:07.250Z");
    }

    #[test]
    fn codes_without_a_label_and_unknown_states_are_errors() {
        assert_eq!(record_status(5, None, None, "state"), Ok(EpicRecordStatus::Active));
        assert_eq!(record_status(5, Some(2), Some("Inactive"), "state"), Ok(EpicRecordStatus::Inactive));
        let error = |code, text| record_status(5, code, text, "state_code").unwrap_err().to_string();
        assert_eq!(error(Some(77), None), "row 5: state_code: code 77 has no label");
        assert_eq!(
            error(Some(99), Some("Mothballed")),
            "row 5: state_code: unknown record status \"Mothballed\""
        );
    }
}
