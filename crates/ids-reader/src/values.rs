//! From HL7 values to interchange values.

use emap_hl7::{BadTimestamp, Field, HospitalZone, Value};
use emap_interchange::{Instant, InterchangeValue};

/// A field that the receiver may be told to delete.
pub(crate) fn wrapped(value: Value) -> InterchangeValue<String> {
    match value {
        Value::Absent => InterchangeValue::Unknown,
        Value::Delete => InterchangeValue::delete(),
        Value::Text(text) => InterchangeValue::Save(text.into_owned()),
    }
}

/// A field that is copied as it stands, `""` included.
pub(crate) fn plain(value: Value) -> Option<String> {
    value.literal().map(std::borrow::Cow::into_owned)
}

/// A field that is copied as it stands; an absent one becomes the empty text.
pub(crate) fn plain_or_empty(value: Value) -> String {
    plain(value).unwrap_or_default()
}

/// A number that tells patients or visits apart. `""` is none: it would make one of all that have it.
pub(crate) fn identifier(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.into_owned()),
        Value::Absent | Value::Delete => None,
    }
}

/// A point in time; `""` is as good as none.
pub(crate) fn instant(field: Field, zone: HospitalZone) -> Result<Option<Instant>, BadTimestamp> {
    Ok(field.timestamp()?.map(|timestamp| timestamp.instant(zone)))
}

/// A point in time that the receiver may be told to delete.
pub(crate) fn wrapped_instant(
    field: Field,
    zone: HospitalZone,
) -> Result<InterchangeValue<Instant>, BadTimestamp> {
    Ok(match instant(field, zone)? {
        Some(instant) => InterchangeValue::Save(instant),
        None if field.value() == Value::Delete => InterchangeValue::delete(),
        None => InterchangeValue::Unknown,
    })
}

/// Takes white space off both ends. Non-breaking spaces stay, the ASCII separators 1C to 1F go.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| match c {
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        '\u{1c}'..='\u{1f}' => true,
        _ => c.is_whitespace(),
    })
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
    fn white_space() {
        assert_eq!(strip("\u{1f}\t DNACPR \u{2003}\r\n"), "DNACPR");
        assert_eq!(strip("\u{a0}x\u{202f}"), "\u{a0}x\u{202f}");
    }
}
