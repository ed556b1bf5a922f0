//! Settings of logs and of the HTTP endpoints.

use super::{Key, Settings, SettingsError};
use tracing::level_filters::LevelFilter;

const LEVEL: &str = "logging.level.uk.ac.ucl.rits.inform";

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Plain,
    /// One JSON object a line, for log collectors.
    Json,
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
    pub const KEYS: &'static [Key] = &[
        Key { name: LEVEL, default: "INFO", meaning: "log level: ERROR, WARN, INFO, DEBUG, TRACE or OFF" },
        Key { name: "logging.format", default: "plain", meaning: "form of log lines: plain or json" },
    ];

    /// Reads them.
    ///
    /// # Errors
    /// When the level or the form is unknown.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { level: level(settings)?, format: format(settings)? })
    }
}

fn level(settings: &Settings) -> Result<LevelFilter, SettingsError> {
    let Some(text) = settings.text(LEVEL) else { return Ok(LevelFilter::INFO) };
    let known = match text.to_ascii_uppercase().as_str() {
        "FATAL" => Some(LevelFilter::ERROR),
        "ALL" => Some(LevelFilter::TRACE),
        // The parser behind takes bare numbers too, which nobody means.
        name if name.chars().all(|letter| letter.is_ascii_alphabetic()) => name.parse().ok(),
        _ => None,
    };
    known.ok_or_else(|| SettingsError::invalid(LEVEL, "ERROR, WARN, INFO, DEBUG, TRACE or OFF", &text))
}

fn format(settings: &Settings) -> Result<LogFormat, SettingsError> {
    match settings.text("logging.format").as_deref() {
        None | Some("plain") => Ok(LogFormat::Plain),
        Some("json") => Ok(LogFormat::Json),
        Some(other) => Err(SettingsError::invalid("logging.format", "plain or json", other)),
    }
}

/// Where the endpoints listen and which web pages may read them.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// TCP port; 0 = any free one.
    pub port: u16,
    /// Web origins allowed to read the endpoints from a browser.
    pub allowed_origins: Vec<String>,
}

impl HttpSettings {
    /// `SERVER_PORT` and `ACTUATOR_ALLOWED_ORIGINS`.
    pub const KEYS: &'static [Key] = &[
        Key {
            name: "server.port",
            default: "8080",
            meaning: "HTTP port of health and metrics; 0 = any free port",
        },
        Key {
            name: "actuator.allowed.origins",
            default: "",
            meaning: "web origins, separated by commas, that may read the health endpoint from a browser",
        },
    ];

    /// Reads them.
    ///
    /// # Errors
    /// When the port is not a number from 0 to 65535.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let origins = settings.text("actuator.allowed.origins").unwrap_or_default();
        let allowed_origins =
            origins.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned);
        Ok(Self { port: settings.number("server.port")?, allowed_origins: allowed_origins.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Settings {
        let environment = std::collections::HashMap::from([(name.to_owned(), value.to_owned())]);
        Settings::from_parts(&[LogSettings::KEYS, HttpSettings::KEYS], None, &environment).unwrap()
    }

    #[test]
    fn levels_as_deployments_write_them() {
        let level = |text| {
            LogSettings::from_settings(&with("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", text))
                .map(|log| log.level)
        };
        assert_eq!(level("").unwrap(), LevelFilter::INFO);
        assert_eq!(level("debug").unwrap(), LevelFilter::DEBUG);
        assert_eq!(level("FATAL").unwrap(), LevelFilter::ERROR);
        assert!(level("3").is_err());
        assert!(level("LOUD").unwrap_err().to_string().contains("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM"));
    }

    #[test]
    fn format_is_plain_or_json() {
        let format = |text| LogSettings::from_settings(&with("LOGGING_FORMAT", text)).map(|log| log.format);
        assert_eq!(format("json").unwrap(), LogFormat::Json);
        assert!(format("xml").is_err());
    }

    #[test]
    fn origins_are_split_at_commas() {
        let http = HttpSettings::from_settings(&with("ACTUATOR_ALLOWED_ORIGINS", " https://a, ,https://b "))
            .unwrap();
        assert_eq!(http.allowed_origins, ["https://a", "https://b"]);
        assert_eq!(http.port, 8080);
        assert!(HttpSettings::from_settings(&with("SERVER_PORT", "70000")).is_err());
    }
}
