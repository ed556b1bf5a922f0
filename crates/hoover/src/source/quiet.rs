//! Hours of the day in which a source is left alone.

use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use emap_interchange::Instant;
use emap_service::settings::Value;

use crate::clock::Clock;

/// From a time of day until another, possibly over midnight; hospital time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    until: NaiveTime,
}

impl Value for QuietHours {
    fn expected() -> String {
        "two times of day such as 01:00-06:00".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let (from, until) = (time(from)?, time(until)?);
        (from != until).then_some(Self { from, until })
    }

    fn to_text(&self) -> String {
        format!("{}-{}", self.from.format("%H:%M"), self.until.format("%H:%M"))
    }
}

impl QuietHours {
    /// How long they still last; `None` outside of them.
    pub fn remaining(self, now: Instant, clock: Clock) -> Option<Duration> {
        let time = clock.local(now).time();
        let is_quiet = if self.from < self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        };
        if !is_quiet {
            return None;
        }
        let left = self.until - time;
        let left = if left > TimeDelta::zero() { left } else { left + TimeDelta::days(1) };
        left.to_std().ok()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn minutes_left(hours: &str, now: &str) -> Option<u64> {
        let hours = QuietHours::parse(hours).unwrap();
        let left = hours.remaining(now.parse().unwrap(), Clock::new(Tz::Europe__London));
        left.map(|left| left.as_secs() / 60)
    }

    #[test]
    fn hours_are_those_of_the_hospital_and_may_pass_midnight() {
        assert_eq!(minutes_left("01:00-06:00", "2021-01-01T05:00:00Z"), Some(60));
        assert_eq!(minutes_left("01:00-06:00", "2021-07-01T05:00:00Z"), None);
        assert_eq!(minutes_left("22:00-02:00", "2021-01-01T23:00:00Z"), Some(180));
        assert_eq!(minutes_left("22:00-02:00", "2021-01-01T02:00:00Z"), None);
        assert_eq!(QuietHours::parse("6-7"), None);
    }
}
