//! The hospital's clocks.

use chrono::{
    DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use emap_interchange::Instant;

use crate::cell::Local;

/// Before this year, times are placeholders: local mean time would shift them by odd seconds.
const FIRST_YEAR: i32 = 1900;

/// The zone that the hospital's clocks show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    zone: Tz,
}

/// A converted time of the hospital's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Converted {
    /// The point in time.
    pub instant: Instant,
    /// Whether no clock ever showed it, as it was skipped in spring. Only such times are out of order.
    pub was_skipped: bool,
}

impl Clock {
    /// The clocks of a zone.
    pub fn new(zone: Tz) -> Self {
        Self { zone }
    }

    /// The point in time that a clock's time means: of a time that autumn repeats the first, a time that spring skips
    /// moved forward by the gap.
    pub fn convert(self, Local(local): Local) -> Converted {
        if local.year() < FIRST_YEAR {
            return Converted { instant: local.and_utc(), was_skipped: false };
        }
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
                Converted { instant: at.to_utc(), was_skipped: false }
            }
            LocalResult::None => Converted { instant: self.after_the_gap(local), was_skipped: true },
        }
    }

    /// The same, for those who need only the point in time.
    pub fn instant(self, local: Local) -> Instant {
        self.convert(local).instant
    }

    /// Midnight of a day.
    pub fn midnight(self, day: NaiveDate) -> Converted {
        self.convert(Local(day.and_time(NaiveTime::MIN)))
    }

    /// What the clocks show at a point in time.
    pub fn local(self, instant: Instant) -> NaiveDateTime {
        if instant.year() < FIRST_YEAR {
            return instant.naive_utc();
        }
        instant.with_timezone(&self.zone).naive_local()
    }

    /// Moved forward by the gap: what the offset before the gap makes of it.
    fn after_the_gap(self, local: NaiveDateTime) -> Instant {
        let before = local - TimeDelta::hours(3);
        let earlier = self.zone.from_local_datetime(&before).earliest();
        earlier.map_or_else(|| local.and_utc(), |at| at.to_utc() + TimeDelta::hours(3))
    }
}

/// A day as a point in time: its midnight in UTC.
pub(crate) fn utc_midnight(day: NaiveDate) -> Instant {
    DateTime::<Utc>::from_naive_utc_and_offset(day.and_time(NaiveTime::MIN), Utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(local: &str) -> String {
        let local = Local(local.parse().unwrap());
        Clock::new(Tz::Europe__London).instant(local).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn summer_winter_and_the_hours_between() {
        assert_eq!(at("2021-01-15T12:00:00"), "2021-01-15T12:00:00Z");
        assert_eq!(at("2021-06-01T00:00:00"), "2021-05-31T23:00:00Z");
        // Skipped: moved forward by the gap.
        assert_eq!(at("2021-03-28T01:30:00"), "2021-03-28T01:30:00Z");
        assert_eq!(at("2021-03-28T02:30:00"), "2021-03-28T01:30:00Z");
        // Repeated: the first pass.
        assert_eq!(at("2021-10-31T01:30:00"), "2021-10-31T00:30:00Z");
        assert_eq!(at("0001-01-01T00:00:00"), "0001-01-01T00:00:00Z");
    }

    #[test]
    fn a_day_begins_at_the_hospitals_midnight() {
        let clock = Clock::new(Tz::Europe__London);
        let day = NaiveDate::from_ymd_opt(2021, 6, 1).unwrap();
        assert_eq!(clock.midnight(day).instant.to_rfc3339(), "2021-05-31T23:00:00+00:00");
        assert_eq!(utc_midnight(day).to_rfc3339(), "2021-06-01T00:00:00+00:00");
    }
}
