//! From HL7 values to interchange values.

use std::borrow::Cow;

use chrono::NaiveDate;
use emap_hl7::{Field, Repetition, Value, strip};
use emap_interchange::InterchangeValue;

use crate::{
    clock::{or_delete, with_day},
    reasons::RejectReason,
    views::Timed,
};

/// A field that may order the receiver to delete.
pub(crate) fn wrapped(value: Value) -> InterchangeValue<String> {
    match value {
        Value::Absent => InterchangeValue::Unknown,
        Value::Delete => InterchangeValue::delete(),
        Value::Text(text) => InterchangeValue::Save(text.into_owned()),
    }
}

/// A field that is copied as it stands, `""` included.
pub(crate) fn plain(value: Value) -> Option<String> {
    value.literal().map(Cow::into_owned)
}

/// A field that is copied as it stands; an absent one becomes the empty text.
pub(crate) fn plain_or_empty(value: Value) -> String {
    plain(value).unwrap_or_default()
}

/// Blanks and line ends that only fill a field.
const FILLING: [char; 6] = [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'];

/// A short or formatted text (data types ST and FT): what fills the field before it is dropped.
pub(crate) fn leading_trimmed<'a>(text: impl Literal<'a>) -> String {
    trimmed(text, |text| text.trim_start_matches(FILLING))
}

/// A long text (data type TX): what fills the field behind it is dropped.
pub(crate) fn trailing_trimmed<'a>(text: impl Literal<'a>) -> String {
    trimmed(text, |text| text.trim_end_matches(FILLING))
}

/// Copies only what has to be.
fn trimmed<'a>(text: impl Literal<'a>, trim: fn(&str) -> &str) -> String {
    match text.literal_text() {
        Cow::Owned(text) if trim(&text).len() == text.len() => text,
        text => trim(&text).to_owned(),
    }
}

/// What is copied as it stands; nothing is the empty text.
pub(crate) trait Literal<'a> {
    fn literal_text(self) -> Cow<'a, str>;
}

impl<'a> Literal<'a> for Value<'a> {
    fn literal_text(self) -> Cow<'a, str> {
        self.literal().unwrap_or_default()
    }
}

impl Literal<'static> for String {
    fn literal_text(self) -> Cow<'static, str> {
        Cow::Owned(self)
    }
}

/// A number that identifies a patient or visit. `""` is none: all that have it would become one.
pub(crate) fn identifier(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.into_owned()),
        Value::Absent | Value::Delete => None,
    }
}

/// A number by which another system knows something. Decimal, leading zeros or not.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    value.as_text().and_then(|text| text.parse().ok())
}

/// A measured number in decimal notation, blanks around it or not. Neither infinities nor hexadecimal numbers count.
pub(crate) fn measured_number(text: &str) -> Option<f64> {
    let text = strip(text);
    let decimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| decimal && number.is_finite())
}

/// All components as one text, joined by `^` whatever the message has between them; empty ones at the end are left
/// out.
pub(crate) fn joined_components(repetition: Repetition) -> String {
    joined(repetition, |component| component)
}

/// As [`joined_components`], for a code and its name: blanks around either mean nothing.
pub(crate) fn joined_codes(repetition: Repetition) -> String {
    joined(repetition, Value::trimmed)
}

fn joined<'a>(repetition: Repetition<'a>, read: fn(Value<'a>) -> Value<'a>) -> String {
    let mut joined = String::with_capacity(repetition.raw().len());
    // How much of it is to stay: what follows is nothing but separators and blanks.
    let mut filled = 0;
    for (number, component) in repetition.components().enumerate() {
        if number > 0 {
            joined.push('^');
        }
        if let Some(text) = read(component.whole()).literal() {
            joined.push_str(&text);
            if !strip(&text).is_empty() {
                filled = joined.len();
            }
        }
    }
    joined.truncate(filled);
    joined
}

/// A calendar date as it is written, whatever time of day follows it; `""` is as good as none.
pub(crate) fn day(timed: impl Timed) -> Result<Option<NaiveDate>, RejectReason> {
    Ok(with_day(timed)?.map(|timestamp| timestamp.date()))
}

/// As [`day`]; a month or a year means its first day.
pub(crate) fn date(timed: impl Timed) -> Result<Option<NaiveDate>, RejectReason> {
    Ok(timed.timestamp()?.map(|timestamp| timestamp.date()))
}

/// As [`date`], or the order to delete it.
pub(crate) fn wrapped_date(timed: impl Timed) -> Result<InterchangeValue<NaiveDate>, RejectReason> {
    Ok(or_delete(date(timed)?, timed))
}

/// A date, or the order to delete it, from a field that has no room for a time of day.
pub(crate) fn mere_date(field: Field) -> Result<InterchangeValue<NaiveDate>, RejectReason> {
    match field.timestamp()? {
        Some(timestamp) if !timestamp.is_date() => Err(RejectReason::NotADate(field.place())),
        _ => wrapped_date(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_states() {
        assert_eq!(wrapped(Value::Absent), InterchangeValue::Unknown);
        assert_eq!(wrapped(Value::Delete), InterchangeValue::Delete(None));
        assert_eq!(wrapped(Value::text(" ")), InterchangeValue::Save(" ".to_owned()));
        assert_eq!(plain(Value::Absent), None);
        assert_eq!(plain(Value::Delete).as_deref(), Some("\"\""));
        assert_eq!(plain_or_empty(Value::Absent), "");
        assert_eq!(identifier(Value::Delete), None);
    }

    #[test]
    fn measured_numbers_are_decimal() {
        let cases = [
            ("12", 12.0),
            ("12.", 12.0),
            (".5", 0.5),
            ("-0.25", -0.25),
            ("+1e3", 1000.0),
            ("2.5E-1", 0.25),
            (" \t37.2 ", 37.2),
        ];
        for (text, number) in cases {
            assert_eq!(measured_number(text), Some(number), "{text}");
        }
        for none in [
            "", " ", ".", "1,000", ">5", "5 6", "\"\"", "NaN", "inf", "Infinity", "0x1p3", "5d", "1f",
            "1e999",
        ] {
            assert_eq!(measured_number(none), None, "{none}");
        }
    }

    #[test]
    fn components_are_joined() {
        let joined = |field: &str| {
            let text = format!("MSH|^~\\&|A\rOBR|{field}|");
            let message = emap_hl7::Message::parse(&text).unwrap();
            joined_components(message.segment("OBR").unwrap().field(1).repetition(1))
        };
        assert_eq!(joined("CON1"), "CON1");
        assert_eq!(joined("CON1^Pain & fever^^"), "CON1^Pain & fever");
        assert_eq!(joined("^^R\\T\\D\\S\\^x~y"), "^^R&D^^x");
        assert_eq!(joined("\"\"^"), "\"\"");
        assert_eq!(joined(""), "");
        assert_eq!(joined("^^"), "");
        assert_eq!(joined("132& ^ ^& "), "132");
        assert_eq!(joined(" a ^ ^ b "), " a ^ ^ b ");
    }
}
