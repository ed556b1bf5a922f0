//! Settings of the daemon.

use std::{num::NonZeroU32, time::Duration};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use emap_feed::{FeedSettings, Limits, features};
use emap_ids::BlockLimit;
use emap_interchange::{Features, queues};
use emap_queue::PublisherSettings;
use emap_service::{
    Backoff,
    settings::{
        DatabaseSettings, Group, HttpSettings, Key, LogSettings, Settings, SettingsError, broker, publishing,
        retrying, zone,
    },
    stop,
};

use crate::convert::{ConvertSettings, DEFAULT_START};

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
    /// Whether the time in saved progress may move the start of the window forward. Matters only while that progress has
    /// no row number (-1): a saved row number alone decides where reading goes on.
    pub start_from_last_id: bool,
    /// What the receivers of the messages understand.
    pub features: Features,
    /// How messages are published.
    pub publishing: PublisherSettings,
    /// How much is read from the store at a time.
    pub block: BlockLimit,
    /// Rows whose messages make one publisher batch.
    pub batch_rows: usize,
    /// How long to wait before looking for new rows again.
    pub poll: Duration,
    /// How often progress is saved while it moves.
    pub save_interval: Duration,
    /// How long missing numbers are waited for before rows behind them are read.
    pub gap_wait: Duration,
    /// How long a stopping reader waits for outstanding confirms.
    pub drain_limit: Duration,
    /// How long a starting reader waits for the databases.
    pub start_limit: Duration,
    /// How long nothing may be settled before the reader counts as down.
    pub stall_limit: Duration,
    /// Pauses between attempts at a database that is away or takes no rows.
    pub pauses: Backoff,
    /// Stop as soon as the store is read to its end; for the demo and benches.
    pub stop_when_drained: bool,
}

const END: Key<Option<DateTime<Utc>>> =
    Key::new("ids.cfg.end-datetime", || None, "end of the window, an instant; blank = no end");
const START_FROM_LAST_ID: Key<bool> = Key::new(
    "ids.cfg.start-from-last-id",
    || true,
    "whether the time in saved progress may move the start of the window forward; matters only while that progress has \
     no row number",
);
const BLOCK_ROWS: Key<NonZeroU32> = Key::new(
    "ids.reader.block-rows",
    || NonZeroU32::MIN.saturating_add(999),
    "rows read from the store at a time",
);
const BATCH_ROWS: Key<NonZeroU32> =
    Key::new("ids.reader.batch-rows", || NonZeroU32::MIN.saturating_add(99), "rows published as one batch");
const POLL: Key<Duration> =
    Key::new("ids.reader.poll-seconds", || Duration::from_secs(1), "seconds between looks for new rows");
const SAVE_INTERVAL: Key<Duration> = Key::new(
    "ids.reader.save-seconds",
    || Duration::from_secs(1),
    "seconds between saves of moving progress",
);
const GAP_WAIT: Key<Duration> = Key::new(
    "ids.reader.gap-seconds",
    || Duration::from_secs(10),
    "seconds to wait for a row whose number is missing before the rows behind it are sent",
);
const DRAIN_LIMIT: Key<Duration> = Key::new(
    "ids.reader.drain-seconds",
    || Duration::from_secs(15),
    "seconds to wait for confirms when stopping",
);
const START_LIMIT: Key<Duration> = Key::new(
    "ids.reader.start-seconds",
    || Duration::from_secs(10),
    "seconds to wait for databases when starting",
);

impl ReaderSettings {
    /// Everything that a command of the reader reads from file and environment: one file serves all.
    pub const GROUPS: &'static [Group] = &[
        &[
            &DEFAULT_START,
            &END,
            &START_FROM_LAST_ID,
            &BLOCK_ROWS,
            &BATCH_ROWS,
            &POLL,
            &SAVE_INTERVAL,
            &GAP_WAIT,
            &DRAIN_LIMIT,
            &START_LIMIT,
        ],
        DatabaseSettings::IDS_KEYS,
        DatabaseSettings::UDS_KEYS,
        broker::KEYS,
        publishing::KEYS,
        features::KEYS,
        retrying::KEYS,
        LogSettings::KEYS,
        HttpSettings::KEYS,
        stop::KEYS,
        zone::KEYS,
    ];

    /// Reads them.
    ///
    /// # Errors
    /// When one is missing or wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let ConvertSettings { zone, default_start, features } = ConvertSettings::from_settings(settings)?;
        Ok(Self {
            ids: DatabaseSettings::ids(settings)?,
            uds: DatabaseSettings::uds(settings)?,
            zone,
            default_start,
            end: settings.get(&END)?,
            start_from_last_id: settings.get(&START_FROM_LAST_ID)?,
            features,
            publishing: publishing::from_settings(settings, queues::HL7_QUEUE)?,
            block: BlockLimit { rows: settings.get(&BLOCK_ROWS)?.get(), ..BlockLimit::default() },
            batch_rows: settings.get(&BATCH_ROWS)?.get() as usize,
            poll: settings.get(&POLL)?,
            save_interval: settings.get(&SAVE_INTERVAL)?,
            gap_wait: settings.get(&GAP_WAIT)?,
            drain_limit: settings.get(&DRAIN_LIMIT)?,
            start_limit: settings.get(&START_LIMIT)?,
            stall_limit: emap_feed::STALL_LIMIT,
            pauses: retrying::pauses(settings)?,
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

    /// The part that the feed needs.
    pub fn feed(&self) -> FeedSettings {
        FeedSettings {
            publisher: self.publishing.clone(),
            features: self.features,
            limits: Limits::default(),
            save_interval: self.save_interval,
            drain_limit: self.drain_limit,
            stall_limit: self.stall_limit,
            pauses: self.pauses.clone(),
        }
    }

    /// The part that conversion needs.
    pub fn conversion(&self) -> ConvertSettings {
        ConvertSettings { zone: self.zone, default_start: self.default_start, features: self.features }
    }
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
        assert_eq!((settings.poll, settings.gap_wait), (Duration::from_secs(1), Duration::from_secs(10)));
        assert_eq!(settings.publishing.max_in_transit, 1000);
        assert_eq!(settings.zone, Tz::Europe__London);
        assert_eq!(settings.features, Features::default());
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
        assert!(error("EMAP_INTERCHANGE_PRESET", "newest").starts_with("set EMAP_INTERCHANGE_PRESET to"));
        assert!(error("IDS_READER_BATCH_ROWS", "0").contains("IDS_READER_BATCH_ROWS"));
        assert!(error("IDS_CFG_START_FROM_LAST_ID", "perhaps").contains("IDS_CFG_START_FROM_LAST_ID"));
    }
}
