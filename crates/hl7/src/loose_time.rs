//! Times as a receiver reads them: by length, without what follows, and with the offset that they were written with.

use chrono::{DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetComponents, Tz};

/// A text that is no time, or one that the calendar or the clock does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date or time of HL7")]
pub struct NoTime;

/// The number at the beginning of a text, read as year, month, day, hour, minute and seconds by its length. What is
/// missing is the first of its kind; what follows the number and its offset is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LooseTime {
    local: NaiveDateTime,
    offset: Option<FixedOffset>,
}

impl LooseTime {
    /// Reads it.
    ///
    /// # Errors
    /// When the text does not begin with four digits, or there is no such time.
    pub fn parse(text: &str) -> Result<Self, NoTime> {
        let (number, rest) = leading_number(text);
        let part = |from: usize, missing: u32| match number.get(from..from + 2) {
            Some(digits) => digits.parse::<u32>().map_err(|_| NoTime),
            None => Ok(missing),
        };
        let year = number.get(..4).ok_or(NoTime)?.parse::<i32>().map_err(|_| NoTime)?;
        let (month, day, hour, minute) = (part(4, 1)?, part(6, 1)?, part(8, 0)?, part(10, 0)?);
        let (second, microsecond) =
            number.get(12..).filter(|_| number.len() >= 14).map_or(Ok((0, 0)), seconds)?;
        let date = NaiveDate::from_ymd_opt(year, month, day).filter(|_| year >= 1).ok_or(NoTime)?;
        let local = date.and_hms_micro_opt(hour, minute, second, microsecond).ok_or(NoTime)?;
        Ok(Self { local, offset: offset(rest)? })
    }

    /// The day as written, at its own offset.
    pub fn date(&self) -> NaiveDate {
        self.local.date()
    }

    /// The instant with the offset as written; without one, in this zone. Where the clocks show a time twice or not
    /// at all, standard time is meant.
    pub fn in_zone(&self, zone: Tz) -> DateTime<FixedOffset> {
        let offset = self.offset.unwrap_or_else(|| standard_first(zone, self.local));
        let instant = offset.from_local_datetime(&self.local);
        instant.single().unwrap_or_else(|| self.local.and_utc().fixed_offset())
    }
}

/// ISO 8601 to the millisecond, cut and not rounded; `Z` for UTC.
pub fn iso_milliseconds(time: DateTime<FixedOffset>) -> String {
    let zone =
        if time.offset().local_minus_utc() == 0 { "Z".to_owned() } else { time.format("%:z").to_string() };
    format!("{}{zone}", time.format("%Y-%m-%dT%H:%M:%S%.3f"))
}

/// The longest beginning of the form `digits[.digits]`, and what follows.
fn leading_number(text: &str) -> (&str, &str) {
    let digits = |from: usize| text.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let whole = digits(0);
    let fraction = if text.as_bytes().get(whole) == Some(&b'.') { digits(whole + 1) } else { 0 };
    let end = if whole > 0 && fraction > 0 { whole + 1 + fraction } else { whole };
    text.split_at(end)
}

/// Seconds with or without fraction, which is cut at the microsecond.
fn seconds(text: &str) -> Result<(u32, u32), NoTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let second = if whole.is_empty() { 0 } else { whole.parse::<u32>().map_err(|_| NoTime)? };
    let mut microsecond = 0;
    for place in 0..6 {
        let digit = fraction.as_bytes().get(place).map_or(0, |digit| u32::from(digit.wrapping_sub(b'0')));
        microsecond = microsecond * 10 + digit.min(9);
    }
    if second < 60 { Ok((second, microsecond)) } else { Err(NoTime) }
}

/// `±HHMM` at the beginning of a text.
fn offset(text: &str) -> Result<Option<FixedOffset>, NoTime> {
    let (Some(sign @ (b'+' | b'-')), Some(digits)) = (text.bytes().next(), text.get(1..5)) else {
        return Ok(None);
    };
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(None);
    }
    let number = |text: &str| text.parse::<i32>().map_err(|_| NoTime);
    let seconds = number(&digits[..2])? * 3600 + number(&digits[2..])? * 60;
    let east = if sign == b'-' { -seconds } else { seconds };
    FixedOffset::east_opt(east).map(Some).ok_or(NoTime)
}

fn standard_first(zone: Tz, local: NaiveDateTime) -> FixedOffset {
    match zone.offset_from_local_datetime(&local) {
        MappedLocalTime::Single(offset) => offset.fix(),
        MappedLocalTime::Ambiguous(first, second) => {
            if first.dst_offset().is_zero() {
                first.fix()
            } else {
                second.fix()
            }
        }
        // The clocks are put forward: the offset before the gap. A gap ends within a day.
        MappedLocalTime::None => {
            let before = (1..=96).find_map(|quarters| {
                zone.offset_from_local_datetime(&(local - TimeDelta::minutes(15 * quarters))).latest()
            });
            before.map_or_else(|| zone.offset_from_utc_datetime(&local).fix(), |offset| offset.fix())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london(text: &str) -> String {
        iso_milliseconds(LooseTime::parse(text).unwrap().in_zone(Tz::Europe__London))
    }

    #[test]
    fn length_decides_what_is_given() {
        let cases = [
            ("2017", "2017-01-01T00:00:00.000Z"),
            ("2017070", "2017-07-01T00:00:00.000+01:00"),
            ("20170731", "2017-07-31T00:00:00.000+01:00"),
            ("2017073114", "2017-07-31T14:00:00.000+01:00"),
            ("201707311413", "2017-07-31T14:13:00.000+01:00"),
            ("2017073114131", "2017-07-31T14:13:00.000+01:00"),
            ("20170731141348.12399", "2017-07-31T14:13:48.123+01:00"),
            ("201707311413.5", "2017-07-31T14:13:00.500+01:00"),
            ("20170731141348-0330xyz", "2017-07-31T14:13:48.000-03:30"),
            ("20170731-0030", "2017-07-31T00:00:00.000-00:30"),
            ("20170731 noon", "2017-07-31T00:00:00.000+01:00"),
            ("20170731+01", "2017-07-31T00:00:00.000+01:00"),
        ];
        for (text, expected) in cases {
            assert_eq!(london(text), expected, "{text}");
        }
    }

    #[test]
    fn clocks_put_back_and_forward_mean_standard_time() {
        assert_eq!(london("202010250130"), "2020-10-25T01:30:00.000Z");
        assert_eq!(london("202003290130"), "2020-03-29T01:30:00.000Z");
    }

    #[test]
    fn no_times() {
        for text in [
            "",
            "x",
            "201",
            "00000000000000",
            "20171301",
            "20170230",
            "2017010124",
            "20170101000060",
            "2017.5",
            "20170101+2400",
            "99999999999999999999",
            "２０２１",
        ] {
            assert_eq!(LooseTime::parse(text), Err(NoTime), "{text}");
        }
    }
}
