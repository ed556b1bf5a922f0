//! HL7 timestamps (data types DTM, TS and DT).

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::{error::TimestampError, zone::HospitalZone};

/// The last part that a timestamp gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// `YYYY`
    Year,
    /// `YYYYMM`
    Month,
    /// `YYYYMMDD`
    Day,
    /// `YYYYMMDDHH`
    Hour,
    /// `YYYYMMDDHHMM`
    Minute,
    /// `YYYYMMDDHHMMSS`
    Second,
    /// Up to four decimals of a second, read to the millisecond.
    Fraction,
}

/// A point in time as a message gives it: parts that are left out are the first of their period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp {
    local: NaiveDateTime,
    precision: Precision,
    offset: Option<FixedOffset>,
}

impl Timestamp {
    /// Reads `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`. Nothing may stand before or after it.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        if !(4..=24).contains(&text.len()) {
            return Err(TimestampError::Length);
        }
        let (date_time, offset) = split_offset(text.as_bytes());
        let (date, time) = date_time.split_at(date_time.len().min(8));
        let (date, date_precision) = read_date(date)?;
        let (time, time_precision) = read_time(time)?;
        let offset = offset.map(read_offset).transpose()?;
        let mut local = date.and_time(time.clock);
        if time.carry {
            local = local.checked_add_signed(chrono::TimeDelta::seconds(1)).ok_or(TimestampError::Date)?;
        }
        Ok(Self { local, precision: time_precision.unwrap_or(date_precision), offset })
    }

    /// The calendar date as written, in its own zone.
    pub fn date(&self) -> NaiveDate {
        self.local.date()
    }

    /// Date and time of day as written.
    pub fn local(&self) -> NaiveDateTime {
        self.local
    }

    /// How much of it is written.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether it gives no time of day and no offset: a mere date.
    pub fn is_date(&self) -> bool {
        self.precision <= Precision::Day && self.offset.is_none()
    }

    /// The instant: by its own offset, or else by the hospital's clocks.
    pub fn instant(&self, zone: HospitalZone) -> DateTime<Utc> {
        match self.offset {
            Some(offset) => (self.local - offset).and_utc(),
            None => zone.instant(self.local),
        }
    }
}

/// Cuts off the offset, which starts with the sign.
fn split_offset(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let sign = text.iter().position(|byte| matches!(byte, b'+' | b'-'));
    match sign {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    }
}

fn read_date(text: &[u8]) -> Result<(NaiveDate, Precision), TimestampError> {
    let (month, day, precision) = match text.len() {
        4 => (1, 1, Precision::Year),
        6 => (number(&text[4..6])?, 1, Precision::Month),
        8 => (number(&text[4..6])?, number(&text[6..8])?, Precision::Day),
        _ => return Err(TimestampError::Form),
    };
    let year = number(&text[..4])?;
    let date = i32::try_from(year).ok().filter(|&year| year >= 1);
    let date = date.and_then(|year| NaiveDate::from_ymd_opt(year, month, day)).ok_or(TimestampError::Date)?;
    Ok((date, precision))
}

/// A time of day; rounding the fraction may carry into the next second.
struct TimeOfDay {
    clock: NaiveTime,
    carry: bool,
}

fn read_time(text: &[u8]) -> Result<(TimeOfDay, Option<Precision>), TimestampError> {
    let (minute, second, precision) = match text.len() {
        0 => return Ok((TimeOfDay { clock: NaiveTime::MIN, carry: false }, None)),
        2 => (0, 0, Precision::Hour),
        4 => (number(&text[2..4])?, 0, Precision::Minute),
        6 => (number(&text[2..4])?, number(&text[4..6])?, Precision::Second),
        8..=11 if text[6] == b'.' => (number(&text[2..4])?, number(&text[4..6])?, Precision::Fraction),
        _ => return Err(TimestampError::Form),
    };
    let millisecond = text.get(7..).map_or(Ok(0), milliseconds)?;
    let clock = NaiveTime::from_hms_milli_opt(number(&text[..2])?, minute, second, millisecond % 1000);
    let clock = clock.ok_or(TimestampError::Time)?;
    Ok((TimeOfDay { clock, carry: millisecond == 1000 }, Some(precision)))
}

/// One to four decimals of a second, to the nearest millisecond; a half goes down.
fn milliseconds(decimals: &[u8]) -> Result<u32, TimestampError> {
    let missing = u32::try_from(4_usize.saturating_sub(decimals.len())).map_err(|_| TimestampError::Form)?;
    Ok((number(decimals)? * 10_u32.pow(missing) + 4) / 10)
}

fn read_offset(text: &[u8]) -> Result<FixedOffset, TimestampError> {
    let [sign, digits @ ..] = text else { return Err(TimestampError::Form) };
    if digits.len() != 4 {
        return Err(TimestampError::Form);
    }
    let (hours, minutes) = (number(&digits[..2])?, number(&digits[2..])?);
    if hours > 23 || minutes > 59 {
        return Err(TimestampError::Offset);
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).map_err(|_| TimestampError::Offset)?;
    let east = if *sign == b'-' { -seconds } else { seconds };
    FixedOffset::east_opt(east).ok_or(TimestampError::Offset)
}

/// At most four decimal digits.
fn number(digits: &[u8]) -> Result<u32, TimestampError> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Ok(number * 10 + u32::from(digit - b'0')),
        _ => Err(TimestampError::Form),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> String {
        let timestamp = Timestamp::parse(text).unwrap();
        timestamp.instant(HospitalZone::default()).format("%FT%T%.fZ").to_string()
    }

    #[test]
    fn every_precision() {
        assert_eq!(instant("20210701083015"), "2021-07-01T07:30:15Z");
        assert_eq!(instant("202101051200"), "2021-01-05T12:00:00Z");
        assert_eq!(instant("2021010512"), "2021-01-05T12:00:00Z");
        assert_eq!(instant("20210701"), "2021-06-30T23:00:00Z");
        let precision = |text| Timestamp::parse(text).unwrap().precision();
        assert_eq!(precision("2021"), Precision::Year);
        assert_eq!(precision("2021010512"), Precision::Hour);
        assert_eq!(precision("20210105120000.1"), Precision::Fraction);
    }

    #[test]
    fn partial_dates_mean_the_first_instant_of_the_period() {
        assert_eq!(instant("202107"), "2021-06-30T23:00:00Z");
        assert_eq!(instant("202112"), "2021-12-01T00:00:00Z");
        assert_eq!(instant("2021"), "2021-01-01T00:00:00Z");
    }

    #[test]
    fn an_offset_is_honoured() {
        assert_eq!(instant("20210105120000.25+0500"), "2021-01-05T07:00:00.250Z");
        assert_eq!(instant("20210705120000-0330"), "2021-07-05T15:30:00Z");
        assert_eq!(instant("20210705+0000"), "2021-07-05T00:00:00Z");
        assert_eq!(instant("202107-0100"), "2021-07-01T01:00:00Z");
        assert!(!Timestamp::parse("20210705+0000").unwrap().is_date());
    }

    #[test]
    fn fractions_are_read_to_the_millisecond() {
        assert_eq!(instant("20210105120000.1"), "2021-01-05T12:00:00.100Z");
        assert_eq!(instant("20210105120000.12"), "2021-01-05T12:00:00.120Z");
        assert_eq!(instant("20210105120000.1235"), "2021-01-05T12:00:00.123Z");
        assert_eq!(instant("20210105120000.1236"), "2021-01-05T12:00:00.124Z");
        assert_eq!(instant("20210105235959.9996"), "2021-01-06T00:00:00Z");
    }

    #[test]
    fn the_date_is_as_written() {
        let date = |text| Timestamp::parse(text).unwrap().date().to_string();
        assert_eq!(date("19550610"), "1955-06-10");
        assert_eq!(date("19550610000000"), "1955-06-10");
        assert_eq!(date("1955"), "1955-01-01");
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        use TimestampError::{Date, Form, Length, Offset, Time};
        let cases = [
            ("", Length),
            ("202", Length),
            ("2021010512000000000000000", Length),
            ("2021010", Form),
            ("20210105 12", Form),
            ("2021010512000", Form),
            ("2021010512000.5", Form),
            ("20210105120000.", Form),
            ("20210105120000.12345", Form),
            ("2021-01-05", Form),
            ("20210105T12", Form),
            ("unknown!", Form),
            ("２０２１", Form),
            ("20210105+01", Form),
            ("20210105120000+", Form),
            ("20210105120000+01000", Form),
            ("20211301", Date),
            ("20210229", Date),
            ("00000000", Date),
            ("20210100", Date),
            ("2021010524", Time),
            ("202101051260", Time),
            ("20210105120060", Time),
            ("20210105120000+2400", Offset),
            ("20210105120000+0160", Offset),
        ];
        for (text, problem) in cases {
            assert_eq!(Timestamp::parse(text), Err(problem), "{text}");
        }
    }
}
