//! Settings of the conversion.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use thiserror::Error;

const START: &str = "IDS_CFG_DEFAULT_START_DATETIME";
const ZONE: &str = "TZ";

/// What the conversion depends on besides the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertSettings {
    /// Zone of the hospital's clocks.
    pub zone: Tz,
    /// Start of the service: infections that were noted before it are not sent.
    pub default_start: DateTime<Utc>,
}

/// A setting that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConvertSettingsError {
    /// Not the name of a time zone.
    #[error("{ZONE} must name a time zone such as Europe/London")]
    Zone,
    /// Not an instant.
    #[error("{START} must be an instant such as 2019-04-01T00:00:00Z")]
    Start,
}

impl Default for ConvertSettings {
    fn default() -> Self {
        // 2019-04-01T00:00:00Z
        let start = DateTime::from_timestamp(1_554_076_800, 0).unwrap_or_default();
        Self { zone: Tz::Europe__London, default_start: start }
    }
}

impl ConvertSettings {
    /// Reads `TZ` and `IDS_CFG_DEFAULT_START_DATETIME` by a function that looks up a variable of the environment. A
    /// variable that is not set keeps its default.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConvertSettingsError> {
        let mut settings = Self::default();
        if let Some(zone) = variable(ZONE).filter(|zone| !zone.is_empty()) {
            settings.zone = zone.trim_start_matches(':').parse().map_err(|_| ConvertSettingsError::Zone)?;
        }
        if let Some(start) = variable(START) {
            settings.default_start = start.trim().parse().map_err(|_| ConvertSettingsError::Start)?;
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(zone: Option<&str>, start: Option<&str>) -> Result<ConvertSettings, ConvertSettingsError> {
        ConvertSettings::from_environment(|name| if name == ZONE { zone } else { start }.map(str::to_owned))
    }

    #[test]
    fn defaults() {
        assert_eq!(read(None, None), Ok(ConvertSettings::default()));
        assert_eq!(ConvertSettings::default().default_start.to_rfc3339(), "2019-04-01T00:00:00+00:00");
    }

    #[test]
    fn the_environment_wins() {
        let settings = read(Some(":Europe/Lisbon"), Some("2021-02-03T04:05:06.000+01:00")).unwrap();
        assert_eq!(settings.zone, Tz::Europe__Lisbon);
        assert_eq!(settings.default_start.to_rfc3339(), "2021-02-03T03:05:06+00:00");
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(read(Some("Mars/Olympus"), None), Err(ConvertSettingsError::Zone));
        assert_eq!(read(None, Some("")), Err(ConvertSettingsError::Start));
        assert_eq!(read(None, Some("2021-02-03")), Err(ConvertSettingsError::Start));
    }
}
