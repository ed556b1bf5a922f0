//! Settings of the daemon.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use emap_ids::BlockLimit;
use emap_service::settings::{HttpSettings, Key, LogSettings, PublishSettings, Zone};
use emap_service::{BrokerSettings, DatabaseSettings, Settings, SettingsError};
use std::time::Duration;

use crate::ConvertSettings;

/// What the main loop needs to know besides the transport.
#[derive(Debug, Clone)]
pub struct ReaderSettings {
    /// The message store.
    pub ids: DatabaseSettings,
    /// The database of the progress tables.
    pub uds: DatabaseSettings,
    /// Zone of the hospital's clocks.
    pub zone: Tz,
    /// Start of the window when there is no progress yet.
    pub default_start: DateTime<Utc>,
    /// End of the window; `None`: goes on for ever.
    pub end: Option<DateTime<Utc>>,
    /// Whether the time of the last processed message may move the start forward.
    pub start_from_last_id: bool,
    /// How messages are published.
    pub publishing: PublishSettings,
    /// How much is read from the store at a time.
    pub block: BlockLimit,
    /// Rows whose messages make one publisher batch.
    pub batch_rows: usize,
    /// How long to wait before looking for new rows again.
    pub poll: Duration,
    /// How often progress is saved while it moves.
    pub save_interval: Duration,
    /// How long a stopping reader waits for outstanding confirms.
    pub drain_limit: Duration,
    /// How long a starting reader waits for the databases.
    pub start_limit: Duration,
    /// Stop as soon as the store is read to its end; for the demo and benches.
    pub stop_when_drained: bool,
}

const KEYS: &[Key] = &[
    Key {
        name: "ids.cfg.default-start-datetime",
        default: "2019-04-01T00:00:00.000Z",
        meaning: "start of the window, an instant such as 2019-04-01T00:00:00Z",
    },
    Key {
        name: "ids.cfg.end-datetime",
        default: "",
        meaning: "end of the window, an instant; blank = no end",
    },
    Key {
        name: "ids.cfg.start-from-last-id",
        default: "true",
        meaning: "true: start at the last processed message if that is later than the start of the window",
    },
    Key { name: "ids.reader.block-rows", default: "1000", meaning: "rows read from the store at a time" },
    Key { name: "ids.reader.batch-rows", default: "100", meaning: "rows published as one batch" },
    Key { name: "ids.reader.poll-seconds", default: "1", meaning: "seconds between looks for new rows" },
    Key {
        name: "ids.reader.save-seconds",
        default: "1",
        meaning: "seconds between saves of moving progress",
    },
    Key {
        name: "ids.reader.drain-seconds",
        default: "30",
        meaning: "seconds to wait for confirms when stopping",
    },
    Key {
        name: "ids.reader.start-seconds",
        default: "10",
        meaning: "seconds to wait for databases when starting",
    },
];

impl ReaderSettings {
    /// Every setting the daemon knows, chassis included.
    pub const GROUPS: &'static [&'static [Key]] = &[
        KEYS,
        DatabaseSettings::IDS_KEYS,
        DatabaseSettings::UDS_KEYS,
        BrokerSettings::KEYS,
        PublishSettings::KEYS,
        LogSettings::KEYS,
        HttpSettings::KEYS,
        Zone::KEYS,
    ];

    /// Reads them.
    ///
    /// # Errors
    /// When one is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let at_least_one = |key| match settings.number::<u32>(key)? {
            0 => Err(SettingsError::invalid(key, "a whole number of at least 1", "0")),
            count => Ok(count),
        };
        Ok(Self {
            ids: DatabaseSettings::ids(settings)?,
            uds: DatabaseSettings::uds(settings)?,
            zone: Zone::from_settings(settings)?.0,
            default_start: default_start(settings)?,
            end: settings.instant("ids.cfg.end-datetime")?,
            start_from_last_id: settings.flag("ids.cfg.start-from-last-id")?,
            publishing: PublishSettings::from_settings(settings)?,
            block: BlockLimit { rows: at_least_one("ids.reader.block-rows")?, ..BlockLimit::default() },
            batch_rows: at_least_one("ids.reader.batch-rows")? as usize,
            poll: settings.seconds("ids.reader.poll-seconds")?,
            save_interval: settings.seconds("ids.reader.save-seconds")?,
            drain_limit: settings.seconds("ids.reader.drain-seconds")?,
            start_limit: settings.seconds("ids.reader.start-seconds")?,
            stop_when_drained: false,
        })
    }

    /// Defaults for a reader between two databases; for the demo, benches and tests.
    ///
    /// # Errors
    /// When a URL is not one of PostgreSQL.
    pub fn between(ids: (&str, &str), uds: (&str, &str)) -> Result<Self, SettingsError> {
        let values =
            [("IDS_JDBC_URL", ids.0), ("IDS_SCHEMA", ids.1), ("UDS_JDBC_URL", uds.0), ("UDS_SCHEMA", uds.1)];
        let environment =
            values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self::from_settings(&Settings::from_parts(Self::GROUPS, None, &environment)?)
    }

    /// The part that conversion needs.
    pub fn conversion(&self) -> ConvertSettings {
        ConvertSettings { zone: self.zone, default_start: self.default_start }
    }
}

/// Given but blank is refused: a reader that silently starts at the default would publish years.
fn default_start(settings: &Settings) -> Result<DateTime<Utc>, SettingsError> {
    const KEY: &str = "ids.cfg.default-start-datetime";
    settings.instant(KEY)?.ok_or_else(|| {
        SettingsError::invalid(KEY, "an instant such as 2019-04-01T00:00:00Z, or leave it out", "")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Result<ReaderSettings, SettingsError> {
        let mut values = std::collections::HashMap::new();
        for (name, value) in [
            ("IDS_JDBC_URL", "jdbc:postgresql://store:5432/ids"),
            ("IDS_SCHEMA", "ids"),
            ("UDS_JDBC_URL", "jdbc:postgresql://star:5432/uds"),
            ("UDS_SCHEMA", "star"),
            (name, value),
        ] {
            values.insert(name.to_owned(), value.to_owned());
        }
        ReaderSettings::from_settings(&Settings::from_parts(ReaderSettings::GROUPS, None, &values).unwrap())
    }

    #[test]
    fn defaults() {
        let settings = with("X", "").unwrap();
        assert_eq!(settings.default_start.to_rfc3339(), "2019-04-01T00:00:00+00:00");
        assert_eq!(settings.end, None);
        assert!(settings.start_from_last_id);
        assert_eq!((settings.block.rows, settings.batch_rows), (1000, 100));
        assert_eq!(settings.poll, Duration::from_secs(1));
        assert_eq!(settings.publishing.max_in_transit, 1000);
        assert_eq!(settings.zone, Tz::Europe__London);
    }

    #[test]
    fn a_window_and_a_blank_end() {
        let end = |text| with("IDS_CFG_END_DATETIME", text).unwrap().end;
        assert_eq!(end(" "), None);
        assert_eq!(end("2026-03-01T00:00:00Z").unwrap().timestamp(), 1_772_323_200);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |name, value| with(name, value).unwrap_err().to_string();
        assert!(error("IDS_CFG_DEFAULT_START_DATETIME", "").contains("IDS_CFG_DEFAULT_START_DATETIME"));
        assert!(error("UDS_SCHEMA", "").contains("UDS_SCHEMA"));
        assert!(error("IDS_READER_BATCH_ROWS", "0").contains("IDS_READER_BATCH_ROWS"));
        assert!(error("IDS_CFG_START_FROM_LAST_ID", "perhaps").contains("IDS_CFG_START_FROM_LAST_ID"));
    }
}
