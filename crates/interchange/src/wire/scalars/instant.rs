//! Points in time: epoch seconds as decimal text, never by way of a float, or ISO text with an offset.

use chrono::{DateTime, Datelike, TimeDelta};

use super::super::{Fault, Reader, Scalar, Shape, Token, WireWriter};
use super::iso;
use crate::types::Instant;

impl Scalar for Instant {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.instant(*self);
    }

    fn shape() -> Shape {
        Shape::Instant
    }

    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        let at = reader.offset();
        let value = match token {
            Token::Number => from_epoch_seconds(reader.literal()?),
            Token::Text => match reader.text()?.trim() {
                "" => return Ok(None),
                text => from_text(text),
            },
            other => return Err(Fault::kind("an instant", other, at)),
        };
        let value = value.ok_or_else(|| Fault::unfit("an instant with seconds and zone", at))?;
        if iso::YEARS.contains(&value.year()) {
            Ok(Some(value))
        } else {
            Err(Fault::unfit("an instant that a database can hold", at))
        }
    }

    fn each_instant(&mut self, change: &mut dyn FnMut(&mut Self)) {
        change(self);
    }
}

fn from_text(text: &str) -> Option<Instant> {
    if text.contains(':') { from_iso(text) } else { from_epoch_seconds(text) }
}

fn from_iso(text: &str) -> Option<Instant> {
    let (date, rest) = iso::date(text)?;
    let (time, with_seconds, rest) = iso::time(rest.strip_prefix('T')?)?;
    let offset = iso::offset(rest)?;
    let local = with_seconds.then(|| date.and_time(time).and_utc())?;
    local.checked_sub_signed(TimeDelta::seconds(i64::from(offset)))
}

/// Seconds since 1970 from a decimal text, digits beyond the ninth cut off. The fraction of a number
/// below zero counts upwards from its whole part, as every peer writes it; only below one second is
/// there no whole part to carry the sign.
fn from_epoch_seconds(number: &str) -> Option<Instant> {
    let (negative, unsigned) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (seconds, nanos) = split_decimal(unsigned)?;
    match (negative, seconds) {
        (false, _) => DateTime::from_timestamp(seconds, nanos),
        (true, 0) => DateTime::from_timestamp(0, 0)?.checked_sub_signed(TimeDelta::nanoseconds(nanos.into())),
        (true, _) => DateTime::from_timestamp(-seconds, nanos),
    }
}

/// Digits of the seconds that are sure to fit in 64 bits; more than the largest instant has.
const MOST_DIGITS: usize = 18;

/// Whole part and nanoseconds of an unsigned decimal, exponent allowed.
fn split_decimal(text: &str) -> Option<(i64, u32)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    if exponent == "0" && whole.len() <= MOST_DIGITS {
        let seconds = whole.bytes().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let nanos = fraction.bytes().take(9).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        let missing = 9_u32.saturating_sub(u32::try_from(fraction.len()).unwrap_or(9));
        return Some((seconds, nanos * 10_u32.pow(missing)));
    }
    let exponent: i64 = exponent.parse().ok()?;
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let digit = |place: i64| -> u8 {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let digits = whole.as_bytes().iter().chain(fraction.as_bytes());
        digits.clone().nth(place).map_or(0, |byte| byte - b'0')
    };
    let first = whole.bytes().chain(fraction.bytes()).position(|byte| byte != b'0');
    let Some(first) = first.and_then(|place| i64::try_from(place).ok()) else { return Some((0, 0)) };
    // More digits than the largest instant has: nothing to add up.
    if usize::try_from(point.checked_sub(first)?).is_ok_and(|digits| digits > MOST_DIGITS) {
        return None;
    }
    let seconds = (first..point).fold(0_i64, |sum, place| sum * 10 + i64::from(digit(place)));
    let nanos = (0..9).fold(0_u32, |sum, place| sum * 10 + u32::from(digit(point.saturating_add(place))));
    Some((seconds, nanos))
}

#[cfg(test)]
mod tests {
    use super::super::{read_alone, written};
    use crate::types::Instant;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn written_with_nine_digits() {
        let cases = [
            ("2013-02-11T10:00:52Z", "1360576852.000000000"),
            ("2021-01-01T00:00:00.1Z", "1609459200.100000000"),
            ("1970-01-01T00:00:00Z", "0.0"),
            ("1970-01-01T00:00:00.000000001Z", "0.000000001"),
            ("1958-11-30T00:00:00Z", "-349920000.000000000"),
            ("1969-12-31T23:59:58.5Z", "-2.500000000"),
            ("1969-12-31T23:59:59.9Z", "-1.900000000"),
        ];
        for (instant, json) in cases {
            assert_eq!(written(&at(instant)), json);
            assert_eq!(read_alone::<Instant>(json), Ok(Some(at(instant))), "{json}");
        }
    }

    #[test]
    fn other_numbers() {
        let cases = [
            ("1360576852", "2013-02-11T10:00:52Z"),
            ("1360576852.25", "2013-02-11T10:00:52.250Z"),
            ("1360576852.1234567899", "2013-02-11T10:00:52.123456789Z"),
            ("1.360576852E9", "2013-02-11T10:00:52Z"),
            ("1E-9", "1970-01-01T00:00:00.000000001Z"),
            ("-0.5", "1969-12-31T23:59:59.5Z"),
            ("0e99999999999", "1970-01-01T00:00:00Z"),
            ("1e-99999999999", "1970-01-01T00:00:00Z"),
            ("\" 1360576852.5 \"", "2013-02-11T10:00:52.5Z"),
        ];
        for (json, instant) in cases {
            assert_eq!(read_alone::<Instant>(json), Ok(Some(at(instant))), "{json}");
        }
        let far = read_alone::<Instant>("1360576852000").unwrap().unwrap();
        assert_eq!(far.timestamp(), 1_360_576_852_000);
    }

    #[test]
    fn iso_texts() {
        let cases = [
            ("2031-06-09T14:18:00.250Z", "2031-06-09T14:18:00.250Z"),
            (" 2031-06-09T14:18:00+01:00 ", "2031-06-09T13:18:00Z"),
            ("2031-06-09T14:18:00-0230", "2031-06-09T16:48:00Z"),
            ("2031-06-09T14:18:00+00:00", "2031-06-09T14:18:00Z"),
        ];
        for (text, instant) in cases {
            assert_eq!(read_alone::<Instant>(&format!("\"{text}\"")), Ok(Some(at(instant))), "{text}");
        }
        assert_eq!(read_alone::<Instant>("\"\""), Ok(None));
    }

    #[test]
    fn what_is_no_instant() {
        let wrong = [
            "true",
            "[]",
            "{}",
            "1e400",
            "99999999999999999999",
            "\"2020-01-01T00:00Z\"",
            "\"2020-01-01T00:00:00\"",
            "\"2020-01-01\"",
            "\"2020-02-30T00:00:00Z\"",
            "\"noon\"",
            "\"1.2.3\"",
            "\"--5\"",
            "\"2020-01-01T00:00:00é\"",
            "\".5\"",
            // The years -5000 and 262100: no column holds the one, no zone the other.
            "-219948000000",
            "8209028736000",
        ];
        for json in wrong {
            assert!(read_alone::<Instant>(json).is_err(), "{json}");
        }
    }
}
