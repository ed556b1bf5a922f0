//! The pieces of ISO 8601 texts.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, NaiveTime};

/// Years that PostgreSQL's dates and instants hold, and that leave room for any zone: beyond them a value would be
/// refused only when it is stored, and its message with it again and again.
pub(super) const YEARS: RangeInclusive<i32> = -4712..=262_000;

/// Takes the date off the front: `yyyy-MM-dd`, years beyond four digits with a sign.
pub(super) fn date(text: &str) -> Option<(NaiveDate, &str)> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let signed = unsigned.len() != text.len();
    if digits != 4 && !(signed && (5..=6).contains(&digits)) {
        return None;
    }
    let (year, rest) = unsigned.split_at(digits);
    let (month, rest) = two_digits(rest.strip_prefix('-')?)?;
    let (day, rest) = two_digits(rest.strip_prefix('-')?)?;
    let year: i32 = year.parse().ok()?;
    Some((NaiveDate::from_ymd_opt(if negative { -year } else { year }, month, day)?, rest))
}

/// Takes the time off the front: `HH:mm[:ss[.fraction]]`; returns whether seconds were given.
pub(super) fn time(text: &str) -> Option<(NaiveTime, bool, &str)> {
    let (hour, rest) = two_digits(text)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':')?)?;
    let Some(after_colon) = rest.strip_prefix(':') else {
        return Some((NaiveTime::from_hms_opt(hour, minute, 0)?, false, rest));
    };
    let (second, rest) = two_digits(after_colon)?;
    let (nano, rest) = fraction(rest)?;
    Some((NaiveTime::from_hms_nano_opt(hour, minute, second, nano)?, true, rest))
}

/// Seconds east of Greenwich: `Z`, `+01:00`, `+0100`.
pub(super) fn offset(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = two_digits(&text[1..])?;
    let (minutes, rest) = two_digits(rest.strip_prefix(':').unwrap_or(rest))?;
    let fits = rest.is_empty() && hours <= 18 && minutes < 60;
    fits.then(|| sign * (i32::try_from(hours * 3600 + minutes * 60).unwrap_or(0)))
}

/// Nanoseconds of an optional `.` and one to nine digits.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(digits) = text.strip_prefix('.') else { return Some((0, text)) };
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let value: u32 = digits[..count].parse().ok()?;
    let scale = 10_u32.pow(9 - u32::try_from(count).ok()?);
    Some((value * scale, &digits[count..]))
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    match text.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => {
            Some((u32::from(tens - b'0') * 10 + u32::from(ones - b'0'), &text[2..]))
        }
        _ => None,
    }
}
