//! Values of a request, and how they are written.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::failure::OruError;

/// An object of the request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    pub(super) fn new(map: &'a Map<String, Value>) -> Self {
        Self(map)
    }

    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    pub(super) fn required(self, name: &str) -> Result<&'a Value, OruError> {
        self.get(name).ok_or_else(|| OruError::MissingKey(name.to_owned()))
    }

    /// A member that is there and not null.
    pub(super) fn filled(self, name: &str) -> Option<&'a Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}

/// A text that must be there.
pub(super) fn required_text<'a>(object: Object<'a>, name: &str) -> Result<&'a str, OruError> {
    let value = object.required(name)?;
    value.as_str().ok_or_else(|| OruError::Value(format!("'{name}' is not a text")))
}

/// A text; null is an empty one.
pub(super) fn optional_text(value: &Value) -> Result<&str, OruError> {
    match value {
        Value::Null => Ok(""),
        Value::String(text) => Ok(text),
        _ => Err(OruError::Value("a text is expected".to_owned())),
    }
}

/// Neither null, false, 0 nor empty.
pub(super) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// A text that is put into a message as it is; only what would end the segment is replaced.
pub(super) fn copied(text: &str) -> String {
    text.chars().map(|character| if matches!(character, '\r' | '\n') { ' ' } else { character }).collect()
}

/// A text or a number without line ends; null is empty.
pub(super) fn number_text(value: &Value) -> String {
    copied(&plain(value))
}

/// A text as it is, a number in its shortest form; null is empty.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// To the nearest whole number, a half away from zero; null and an empty text are empty.
pub(super) fn rounded(value: &Value) -> Result<String, OruError> {
    let number = match value {
        Value::Null => return Ok(String::new()),
        Value::String(text) if text.trim().is_empty() => return Ok(String::new()),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    };
    let number = number.filter(|number: &f64| number.is_finite());
    let number =
        number.ok_or_else(|| OruError::Value("a number is expected as observation_value".to_owned()))?;
    // Adding zero makes a negative zero positive.
    Ok(format!("{:.0}", number.round() + 0.0))
}

/// Without its fraction; a text that is no number is copied.
pub(super) fn truncated(value: &Value) -> String {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number.filter(|number: &f64| number.is_finite()) {
        Some(number) => format!("{:.0}", number.trunc() + 0.0),
        None => number_text(value),
    }
}

fn no_match(text: &str) -> OruError {
    OruError::Value(format!("{text} does not match expected ISO8601 format"))
}

/// `YYYY-MM-DD` as `YYYYMMDD`.
pub(super) fn date(text: &str) -> Result<String, OruError> {
    let has_form = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| has_form);
    date.map(|date| date.format("%Y%m%d").to_string()).ok_or_else(|| no_match(text))
}

/// How times are written.
pub(super) struct TimeForm<'a> {
    pub(super) pattern: &'a str,
    pub(super) zone: Tz,
}

impl TimeForm<'_> {
    /// A time that must be there.
    pub(super) fn required(&self, object: Object<'_>, name: &str) -> Result<String, OruError> {
        self.read(object.required(name)?)
    }

    /// An ISO 8601 time with fraction and offset, as the hospital wants it.
    pub(super) fn read(&self, value: &Value) -> Result<String, OruError> {
        let Some(text) = value.as_str() else { return Err(no_match(&plain(value))) };
        self.write(instant(text).ok_or_else(|| no_match(text))?)
    }

    pub(super) fn write(&self, time: DateTime<Utc>) -> Result<String, OruError> {
        let local = time.with_timezone(&self.zone);
        let mut pattern = String::new();
        let mut characters = self.pattern.chars();
        while let Some(character) = characters.next() {
            let code = if character == '%' { characters.next() } else { None };
            // Writing to a string cannot fail.
            let _ = match code {
                Some('L') => write!(pattern, "{:03}", local.nanosecond() / 1_000_000),
                Some('f') => write!(pattern, "{:06}", local.nanosecond() / 1000),
                Some(code) => write!(pattern, "%{code}"),
                None => write!(pattern, "{character}"),
            };
        }
        let mut written = String::new();
        write!(written, "{}", local.format(&pattern))
            .map_err(|_| OruError::Value("'outgoing_timestamp_format' is no pattern of times".to_owned()))?;
        Ok(written)
    }
}

/// `YYYY-MM-DDTHH:MM:SS.f` and `Z`, `±HH:MM` or `±HHMM`.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let (date_time, rest) = text.split_at_checked(20)?;
    let form = "dddd-dd-ddTdd:dd:dd.";
    let fits = form.bytes().zip(date_time.bytes()).all(|(form, byte)| match form {
        b'd' => byte.is_ascii_digit(),
        _ => byte == form,
    });
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, zone) = rest.split_at(digits);
    if !fits || !(1..=6).contains(&digits) {
        return None;
    }
    let local =
        NaiveDateTime::parse_from_str(&format!("{date_time}{fraction}"), "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    // A leap second has no place in what follows.
    let local = Some(local).filter(|local| local.nanosecond() < 1_000_000_000)?;
    local.checked_sub_signed(offset(zone)?).map(|utc| utc.and_utc())
}

fn offset(zone: &str) -> Option<TimeDelta> {
    if zone == "Z" {
        return Some(TimeDelta::zero());
    }
    let (sign, digits) = zone.split_at_checked(1)?;
    let digits = match digits.len() {
        4 => digits.to_owned(),
        5 if digits.as_bytes()[2] == b':' => digits.replacen(':', "", 1),
        _ => return None,
    };
    if digits.len() != 4 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = (digits[..2].parse::<i64>().ok()?, digits[2..].parse::<i64>().ok()?);
    let minutes = Some(hours * 60 + minutes).filter(|minutes| *minutes < 24 * 60)?;
    match sign {
        "+" => Some(TimeDelta::minutes(minutes)),
        "-" => Some(TimeDelta::minutes(-minutes)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers() {
        let rounded = |value: Value| rounded(&value).unwrap();
        assert_eq!([rounded(json!(72.5)), rounded(json!(73.4)), rounded(json!("0"))], ["73", "73", "0"]);
        assert_eq!([rounded(json!(0)), rounded(json!(null)), rounded(json!(-0.2))], ["0", "", "0"]);
        assert!(super::rounded(&json!("abc")).is_err());
        let texts = [json!(6.6), json!(37.0), json!(5), json!("x"), json!(null), json!(true)];
        assert_eq!(texts.each_ref().map(number_text), ["6.6", "37.0", "5", "x", "", "True"]);
        assert_eq!(
            [truncated(&json!(14.9)), truncated(&json!("13")), truncated(&json!("E4"))],
            ["14", "13", "E4"]
        );
    }

    #[test]
    fn times_are_written_in_the_hospitals_zone() {
        let short = TimeForm { pattern: "%Y%m%d%H%M%S", zone: Tz::US__Eastern };
        let long = TimeForm { pattern: "%Y%m%d%H%M%S.%L%z", zone: Tz::Europe__London };
        assert_eq!(short.read(&json!("2020-07-01T12:00:00.5Z")).unwrap(), "20200701080000");
        assert_eq!(long.read(&json!("2020-07-01T12:00:00.123999+02:00")).unwrap(), "20200701110000.123+0100");
        assert_eq!(long.read(&json!("2020-01-01T12:00:00.000-0230")).unwrap(), "20200101143000.000+0000");
        let broken = TimeForm { pattern: "%Q!", zone: Tz::UTC };
        assert!(broken.read(&json!("2020-07-01T12:00:00.5Z")).is_err());
    }

    #[test]
    fn other_forms_are_refused() {
        let form = TimeForm { pattern: "%Y", zone: Tz::UTC };
        for text in [
            "2020-07-01T12:00:00Z",
            "2020-07-01T12:00:00.Z",
            "2020-07-01 12:00:00.0Z",
            "2020-07-01T12:00:00.0",
            "2020-07-01T12:00:00.1234567Z",
            "2020-13-01T12:00:00.0Z",
            "2020-07-01T12:00:00.0+2",
            "",
        ] {
            let error = form.read(&json!(text)).unwrap_err();
            assert_eq!(error.to_string(), format!("{text} does not match expected ISO8601 format"));
        }
        assert_eq!(date("1970-01-02").unwrap(), "19700102");
        assert!(date("1970-1-2").is_err() && date("19700102").is_err() && date("1970-02-30").is_err());
    }
}
