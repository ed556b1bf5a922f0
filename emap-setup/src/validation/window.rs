//! The days that a validation run covers.

use anyhow::{Context, anyhow, bail};
use chrono::{Days, NaiveDate};

use crate::configuration::{Configuration, ConfigurationError};

/// From the start of one day to the start of another.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) start: Bound,
    pub(super) end: Bound,
}

/// One end of the window.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) day: NaiveDate,
    given: bool,
    /// Its key in the section `dates`.
    date: &'static str,
    /// Its variables.
    pub(super) keys: [&'static str; 2],
}

impl Window {
    pub(super) fn new(start: Option<&str>, end: Option<&str>, today: NaiveDate) -> anyhow::Result<Self> {
        Ok(Self {
            start: Bound {
                day: day(start.unwrap_or("7 days ago"), today)?,
                given: start.is_some(),
                date: "start",
                keys: ["IDS_CFG_DEFAULT_START_DATETIME", "HOOVER_DATE_FROM"],
            },
            end: Bound {
                day: day(end.unwrap_or("today"), today)?,
                given: end.is_some(),
                date: "end",
                keys: ["IDS_CFG_END_DATETIME", "HOOVER_DATE_UNTIL"],
            },
        })
    }
}

impl Bound {
    /// The command line gives it, or the YAML leaves it open.
    pub(super) fn counts(&self, configuration: &Configuration) -> Result<bool, ConfigurationError> {
        Ok(self.given || configuration.text(&["dates", self.date])?.is_none())
    }

    /// Midnight of the day, as UTC.
    pub(super) fn stamp(&self) -> String {
        self.day.format("%Y-%m-%dT00:00:00.00Z").to_string()
    }
}

fn day(text: &str, today: NaiveDate) -> anyhow::Result<NaiveDate> {
    let text = text.trim();
    if text == "today" {
        return Ok(today);
    }
    let ago = text.strip_suffix("days ago").or_else(|| text.strip_suffix("day ago"));
    let Some(number) = ago else {
        return NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map_err(|_| anyhow!("failed to parse {text:?} as a date: today, N days ago or YYYY-MM-DD"));
    };
    if number.trim().is_empty() {
        bail!("invalid date string {text:?}: today, N days ago or YYYY-MM-DD");
    }
    let number: i32 = number
        .trim()
        .parse()
        .map_err(|_| anyhow!("failed to parse {text:?} as a date: today, N days ago or YYYY-MM-DD"))?;
    let days = Days::new(u64::from(number.unsigned_abs()));
    let day = if number < 0 { today.checked_add_days(days) } else { today.checked_sub_days(days) };
    day.with_context(|| format!("failed to parse {text:?} as a date: it is too far away"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2031, 3, 9).unwrap()
    }

    #[test]
    fn days_are_given_in_three_ways() {
        let day = |text| day(text, today()).map(|day| day.to_string());
        assert_eq!(day("today").unwrap(), "2031-03-09");
        assert_eq!(day("4 days ago").unwrap(), "2031-03-05");
        assert_eq!(day("1 day ago").unwrap(), "2031-03-08");
        assert_eq!(day("-2 days ago").unwrap(), "2031-03-11");
        assert_eq!(day("2030-02-28").unwrap(), "2030-02-28");
        assert!(day(" days ago").unwrap_err().to_string().contains("invalid date string"));
        for wrong in ["yesterday", "x days ago", "2030-02-30", "", "99999999999 days ago"] {
            assert!(day(wrong).unwrap_err().to_string().contains("failed to parse"), "{wrong}");
        }
    }

    #[test]
    fn seven_days_until_today_unless_said_otherwise() {
        let window = Window::new(None, None, today()).unwrap();
        assert_eq!(window.start.stamp(), "2031-03-02T00:00:00.00Z");
        assert_eq!(window.end.stamp(), "2031-03-09T00:00:00.00Z");
    }
}
