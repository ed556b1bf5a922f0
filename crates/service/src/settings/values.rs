//! Typed access: numbers, yes or no, durations, instants, the hospital's time zone.

use super::{Key, Settings, SettingsError};
use chrono::{DateTime, Utc};
use std::str::FromStr;
use std::time::Duration;

impl Settings {
    /// A number; blank means the default.
    ///
    /// # Errors
    /// When the text is not a number of this type.
    pub fn number<N: FromStr>(&self, key: &str) -> Result<N, SettingsError> {
        let text = self.text(key).unwrap_or_else(|| self.default_of(key).to_owned());
        text.parse().map_err(|_| SettingsError::invalid(key, "a whole number within its range", &text))
    }

    /// `true` or `false` (also `yes`/`no`, `on`/`off`, `1`/`0`, any case); blank means the default.
    ///
    /// # Errors
    /// When the text is something else.
    pub fn flag(&self, key: &str) -> Result<bool, SettingsError> {
        let text = self.text(key).unwrap_or_else(|| self.default_of(key).to_owned());
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(SettingsError::invalid(key, "true or false", &text)),
        }
    }

    /// A time span in seconds, fractions allowed; blank means the default.
    ///
    /// # Errors
    /// When the text is not a number of seconds between 0 and a year.
    pub fn seconds(&self, key: &str) -> Result<Duration, SettingsError> {
        let seconds: f64 = self.number(key)?;
        let within_a_year = (0.0..=31_536_000.0).contains(&seconds);
        let invalid = || SettingsError::invalid(key, "a number of seconds", &seconds.to_string());
        if within_a_year { Ok(Duration::from_secs_f64(seconds)) } else { Err(invalid()) }
    }

    /// An instant in ISO 8601 with offset (`2026-03-01T00:00:00Z`); blank means none.
    ///
    /// # Errors
    /// When the text is not such an instant.
    pub fn instant(&self, key: &str) -> Result<Option<DateTime<Utc>>, SettingsError> {
        let Some(text) = self.text(key) else { return Ok(None) };
        match DateTime::parse_from_rfc3339(&text) {
            Ok(instant) => Ok(Some(instant.to_utc())),
            Err(_) => Err(SettingsError::invalid(key, "an instant such as 2026-03-01T00:00:00Z", &text)),
        }
    }
}

/// The hospital's time zone: that of HL7 date-times without offset, and of `timestamp` columns without zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(pub chrono_tz::Tz);

impl Zone {
    /// `TZ`, by default London.
    pub const KEYS: &'static [Key] = &[Key {
        name: "tz",
        default: "Europe/London",
        meaning: "time zone of the hospital, e.g. Europe/London",
    }];

    /// Reads the zone.
    ///
    /// # Errors
    /// When the name is not in the time zone database.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let name = settings.text("tz").unwrap_or_else(|| "Europe/London".to_owned());
        // POSIX allows a leading colon before a zone file's name.
        let zone = name.trim_start_matches(':').parse().map(Self);
        zone.map_err(|_| SettingsError::invalid("tz", "a time zone name such as Europe/London", &name))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::with;
    use super::*;

    #[test]
    fn a_blank_number_is_the_default() {
        assert_eq!(
            with(&[("RABBITMQ_QUEUE_LENGTH", " ")]).number::<u32>("rabbitmq.queue.length").unwrap(),
            100_000
        );
        let error =
            with(&[("RABBITMQ_QUEUE_LENGTH", "many")]).number::<u32>("rabbitmq.queue.length").unwrap_err();
        let expected = "set RABBITMQ_QUEUE_LENGTH to a whole number within its range (it is \"many\")";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn flags_in_their_usual_spellings() {
        assert!(with(&[("FEATURES_SDE", "TRUE")]).flag("features.sde").unwrap());
        assert!(!with(&[("FEATURES_SDE", "")]).flag("features.sde").unwrap());
        assert!(with(&[("FEATURES_SDE", "maybe")]).flag("features.sde").is_err());
    }

    #[test]
    fn seconds_are_finite_and_not_negative() {
        let seconds = |text| with(&[("RABBITMQ_QUEUE_LENGTH", text)]).seconds("rabbitmq.queue.length");
        assert_eq!(seconds("0.25").unwrap(), Duration::from_millis(250));
        for wrong in ["-1", "NaN", "inf", "1e300", "soon"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn instants_with_offset() {
        let instant = |text| with(&[("IDS_CFG_END_DATETIME", text)]).instant("ids.cfg.end-datetime");
        assert_eq!(instant("").unwrap(), None);
        let at = instant("2026-06-01T01:00:00.000+01:00").unwrap().unwrap();
        assert_eq!(at.to_rfc3339(), "2026-06-01T00:00:00+00:00");
        assert!(instant("yesterday").unwrap_err().to_string().contains("IDS_CFG_END_DATETIME"));
    }

    #[test]
    fn zones_by_name() {
        let zone = |name: &str| {
            let environment = std::collections::HashMap::from([("TZ".to_owned(), name.to_owned())]);
            Zone::from_settings(&Settings::from_parts(&[Zone::KEYS], None, &environment).unwrap())
        };
        assert_eq!(zone("").unwrap().0, chrono_tz::Europe::London);
        assert_eq!(zone(":Europe/Paris").unwrap().0, chrono_tz::Europe::Paris);
        assert_eq!(zone("UTC").unwrap().0, chrono_tz::UTC);
        assert!(zone("Mars/Olympus").unwrap_err().to_string().starts_with("set TZ to"));
    }
}
