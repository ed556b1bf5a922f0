//! What the rules know besides messages and rows.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// Settings that rules depend on.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Zone of the hospital: a date of death is a local date.
    pub zone: Tz,
    /// Forms (smart data elements) are processed.
    pub forms: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { zone: chrono_tz::Europe::London, forms: false }
    }
}

impl Rules {
    /// The hospital's calendar date at this instant.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }
}
