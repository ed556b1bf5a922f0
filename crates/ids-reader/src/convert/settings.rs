//! Settings of the conversion.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use emap_feed::features;
use emap_interchange::Features;
use emap_service::settings::{Key, Settings, SettingsError, zone::ZONE};

/// `IDS_CFG_DEFAULT_START_DATETIME`. Given but blank is refused: a reader that silently started at the default would
/// publish years.
pub(crate) const DEFAULT_START: Key<DateTime<Utc>> = Key::new(
    "ids.cfg.default-start-datetime",
    // 2019-04-01T00:00:00Z
    || DateTime::from_timestamp(1_554_076_800, 0).unwrap_or_default(),
    "start of the window, an instant such as 2019-04-01T00:00:00Z",
)
.never_blank();

/// What the conversion depends on besides the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertSettings {
    /// Zone of the hospital's clocks.
    pub zone: Tz,
    /// Start of the service: what patients had before it is not sent again.
    pub default_start: DateTime<Utc>,
    /// What the receivers of the messages understand. Kinds of events that they do not know are skipped; properties that
    /// they do not know are filled all the same, and left out when the messages are written.
    pub features: Features,
}

impl Default for ConvertSettings {
    fn default() -> Self {
        Self { zone: ZONE.default(), default_start: DEFAULT_START.default(), features: Features::default() }
    }
}

impl ConvertSettings {
    /// Reads them.
    ///
    /// # Errors
    /// When one is wrong; the text says what to set.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            zone: settings.get(&ZONE)?,
            default_start: settings.get(&DEFAULT_START)?,
            features: features::from_settings(settings)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use emap_service::settings::{Group, zone};

    use super::*;

    const START: Group = &[&DEFAULT_START];

    fn read(name: &str, value: &str) -> Result<ConvertSettings, String> {
        let environment = [(name.to_owned(), value.to_owned())].into();
        let settings =
            Settings::from_parts(&[START, zone::KEYS, features::KEYS], None, &environment).unwrap();
        ConvertSettings::from_settings(&settings).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults() {
        assert_eq!(read("TZ", ""), Ok(ConvertSettings::default()));
        assert_eq!(ConvertSettings::default().default_start.to_rfc3339(), "2019-04-01T00:00:00+00:00");
    }

    #[test]
    fn the_environment_wins() {
        assert_eq!(read("TZ", ":Europe/Lisbon").unwrap().zone, Tz::Europe__Lisbon);
        let start = read("IDS_CFG_DEFAULT_START_DATETIME", "2021-02-03T04:05:06.000+01:00").unwrap();
        assert_eq!(start.default_start.to_rfc3339(), "2021-02-03T03:05:06+00:00");
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(read("TZ", "Mars/Olympus").is_err());
        for wrong in ["", "2021-02-03"] {
            let error = read("IDS_CFG_DEFAULT_START_DATETIME", wrong).unwrap_err();
            assert!(error.starts_with("set IDS_CFG_DEFAULT_START_DATETIME to an instant"), "{error}");
        }
    }
}
