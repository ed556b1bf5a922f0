//! Settings of logs.

use tracing::level_filters::LevelFilter;

use super::{
    error::SettingsError,
    key::{Group, Key},
    loaded::Settings,
    value::Value,
};

const LEVEL: Key<LevelFilter> = Key::new(
    "logging.level.uk.ac.ucl.rits.inform",
    || LevelFilter::INFO,
    "log level: ERROR, WARN, INFO, DEBUG, TRACE or OFF",
);
const FORMAT: Key<LogFormat> =
    Key::new("logging.format", || LogFormat::Plain, "form of log lines: plain or json");

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Plain,
    /// One JSON object a line, for log collectors.
    Json,
}

impl Value for LogFormat {
    fn expected() -> String {
        "plain or json".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Plain, Self::Json].into_iter().find(|format| format.to_text() == text)
    }

    fn to_text(&self) -> String {
        match self {
            Self::Plain => "plain".to_owned(),
            Self::Json => "json".to_owned(),
        }
    }
}

impl Value for LevelFilter {
    fn expected() -> String {
        "ERROR, WARN, INFO, DEBUG, TRACE or OFF".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "FATAL" => Some(Self::ERROR),
            "ALL" => Some(Self::TRACE),
            // The parser behind takes bare numbers too, which are a mistake here.
            name if name.chars().all(|letter| letter.is_ascii_alphabetic()) => name.parse().ok(),
            _ => None,
        }
    }

    fn to_text(&self) -> String {
        self.to_string().to_ascii_uppercase()
    }
}

/// What is logged, and how.
#[derive(Debug, Clone, Copy)]
pub struct LogSettings {
    /// Lowest level that is written for EMAP's own crates.
    pub level: LevelFilter,
    /// The form of a line.
    pub format: LogFormat,
}

impl LogSettings {
    /// `LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM` and `LOGGING_FORMAT`.
    pub const KEYS: Group = &[&LEVEL, &FORMAT];

    /// Reads them.
    ///
    /// # Errors
    /// When the level or the form is unknown.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { level: settings.get(&LEVEL)?, format: settings.get(&FORMAT)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::loaded::tests::loaded;

    fn read(name: &str, value: &str) -> Result<LogSettings, SettingsError> {
        LogSettings::from_settings(&loaded(&[LogSettings::KEYS], &[(name, value)]))
    }

    #[test]
    fn levels_as_deployments_write_them() {
        let level = |text| read("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", text).map(|log| log.level);
        assert_eq!(level("").unwrap(), LevelFilter::INFO);
        assert_eq!(level("debug").unwrap(), LevelFilter::DEBUG);
        assert_eq!(level("FATAL").unwrap(), LevelFilter::ERROR);
        assert!(level("3").is_err());
        assert!(level("LOUD").unwrap_err().to_string().contains("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM"));
    }

    #[test]
    fn format_is_plain_or_json() {
        let format = |text| read("LOGGING_FORMAT", text).map(|log| log.format);
        assert_eq!(format("json").unwrap(), LogFormat::Json);
        assert_eq!(format(" ").unwrap(), LogFormat::Plain);
        assert!(format("xml").is_err());
    }
}
