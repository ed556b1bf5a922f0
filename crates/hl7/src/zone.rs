//! Hospital local time.

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Utc, offset::Offset};
use chrono_tz::Tz;

/// The zone in which a hospital's clocks run: HL7 timestamps without an offset are meant in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HospitalZone(pub Tz);

impl Default for HospitalZone {
    fn default() -> Self {
        Self(Tz::Europe__London)
    }
}

impl HospitalZone {
    /// The instant at which the hospital's clocks show a local time.
    ///
    /// The hour that is repeated in autumn means its first pass; a time in the hour that is skipped in spring moves forward by the
    /// length of the gap. Before 1900 there is no offset: such dates are placeholders, and local mean time would
    /// only shift them by odd seconds.
    pub fn instant(self, local: NaiveDateTime) -> DateTime<Utc> {
        if local.year() < 1900 {
            return local.and_utc();
        }
        let offset = match self.0.offset_from_local_datetime(&local) {
            MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset,
            MappedLocalTime::None => return self.after_gap(local),
        };
        (local - offset.fix()).and_utc()
    }

    /// A time that the clocks skip, read with the offset in force before the gap.
    fn after_gap(self, local: NaiveDateTime) -> DateTime<Utc> {
        // Gaps are a multiple of a quarter of an hour and end within a day.
        for quarters in 1..=96 {
            let earlier = local - TimeDelta::minutes(15 * quarters);
            if let Some(offset) = self.0.offset_from_local_datetime(&earlier).latest() {
                return (local - offset.fix()).and_utc();
            }
        }
        local.and_utc()
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn utc(zone: Tz, date: (i32, u32, u32), time: (u32, u32)) -> String {
        let local =
            NaiveDate::from_ymd_opt(date.0, date.1, date.2).unwrap().and_hms_opt(time.0, time.1, 0).unwrap();
        HospitalZone(zone).instant(local).format("%FT%TZ").to_string()
    }

    #[test]
    fn winter_and_summer() {
        assert_eq!(utc(Tz::Europe__London, (2024, 1, 5), (12, 0)), "2024-01-05T12:00:00Z");
        assert_eq!(utc(Tz::Europe__London, (2024, 7, 5), (12, 0)), "2024-07-05T11:00:00Z");
        // British Standard Time: an hour ahead all year.
        assert_eq!(utc(Tz::Europe__London, (1970, 1, 5), (12, 0)), "1970-01-05T11:00:00Z");
    }

    #[test]
    fn the_repeated_hour_means_its_first_pass() {
        assert_eq!(utc(Tz::Europe__London, (2020, 10, 25), (1, 30)), "2020-10-25T00:30:00Z");
        assert_eq!(utc(Tz::Europe__London, (2020, 10, 25), (0, 59)), "2020-10-24T23:59:00Z");
        assert_eq!(utc(Tz::Europe__London, (2020, 10, 25), (2, 0)), "2020-10-25T02:00:00Z");
    }

    #[test]
    fn the_skipped_hour_moves_forward() {
        assert_eq!(utc(Tz::Europe__London, (2020, 3, 29), (0, 59)), "2020-03-29T00:59:00Z");
        assert_eq!(utc(Tz::Europe__London, (2020, 3, 29), (1, 0)), "2020-03-29T01:00:00Z");
        assert_eq!(utc(Tz::Europe__London, (2020, 3, 29), (1, 30)), "2020-03-29T01:30:00Z");
        assert_eq!(utc(Tz::Europe__London, (2020, 3, 29), (2, 0)), "2020-03-29T01:00:00Z");
        // A whole day was skipped here.
        assert_eq!(utc(Tz::Pacific__Apia, (2011, 12, 30), (12, 0)), "2011-12-30T22:00:00Z");
    }

    #[test]
    fn no_local_mean_time() {
        assert_eq!(utc(Tz::Europe__London, (1800, 6, 1), (0, 0)), "1800-06-01T00:00:00Z");
        assert_eq!(utc(Tz::Europe__London, (1, 1, 1), (0, 0)), "0001-01-01T00:00:00Z");
    }
}
