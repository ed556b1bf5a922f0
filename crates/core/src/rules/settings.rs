//! Settings that the rules depend on.

use chrono::{DateTime, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use emap_interchange::{Message, Payload};
use emap_service::settings::zone::ZONE;

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
        Self { zone: ZONE.default(), forms: false }
    }
}

impl Rules {
    /// Whether anything is done with such a message. Those of a feature that is off are taken and left alone.
    pub(crate) fn concern(self, message: &Message) -> bool {
        match message.payload {
            Payload::Form(_) | Payload::FormMetadata(_) | Payload::FormQuestionMetadata(_) => self.forms,
            _ => true,
        }
    }

    /// The hospital's calendar date at this instant.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        let offset = self.zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        // At the very ends of the calendar there is no local time; the date is then that of UTC.
        at.naive_utc().checked_add_offset(offset).unwrap_or(at.naive_utc()).date()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_calendar_have_a_local_date() {
        for zone in [chrono_tz::Pacific::Kiritimati, chrono_tz::Pacific::Midway] {
            let rules = Rules { zone, ..Rules::default() };
            for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                assert!((rules.local_date(at) - at.date_naive()).num_days().abs() <= 1);
            }
        }
    }
}
