//! How long the pipeline's own records are kept.

use std::{num::NonZeroU32, time::Duration};

use emap_service::settings::{Group, Key, Settings, SettingsError};

const EFFECT_LOG_DAYS: Key<Option<NonZeroU32>> =
    Key::new("retention.effect-log-days", || None, "days for which the effect log is kept; blank = for ever");
const REJECT_DAYS: Key<Option<NonZeroU32>> = Key::new(
    "retention.message-reject-days",
    || None,
    "days for which messages that core rejected are kept; blank = for ever",
);
const IDS_REJECT_DAYS: Key<Option<NonZeroU32>> = Key::new(
    "retention.ids-reject-days",
    || None,
    "days for which rejects of the reader are kept; blank = for ever",
);
const BATCH_ROWS: Key<NonZeroU32> = Key::new(
    "retention.batch-rows",
    || NonZeroU32::MIN.saturating_add(4_999),
    "most rows that are removed in one transaction",
);
const PAUSE_MS: Key<u32> =
    Key::new("retention.pause-ms", || 100, "pause between two of these transactions, in milliseconds");

/// All settings of retention.
pub const KEYS: Group = &[&EFFECT_LOG_DAYS, &REJECT_DAYS, &IDS_REJECT_DAYS, &BATCH_ROWS, &PAUSE_MS];

/// How long the pipeline's own records are kept, and in which steps they are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Days for which the effect log is kept; none: for ever.
    pub effect_log_days: Option<u32>,
    /// The same of messages that core rejected.
    pub message_reject_days: Option<u32>,
    /// The same of rejects of the reader.
    pub ids_reject_days: Option<u32>,
    /// Most rows removed in one transaction.
    pub batch_rows: u32,
    /// Pause between two of these.
    pub pause: Duration,
}

impl Retention {
    /// Reads them.
    ///
    /// # Errors
    /// When one is wrong; the text says what to set.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let days =
            |key: &Key<Option<NonZeroU32>>| Ok::<_, SettingsError>(settings.get(key)?.map(NonZeroU32::get));
        Ok(Self {
            effect_log_days: days(&EFFECT_LOG_DAYS)?,
            message_reject_days: days(&REJECT_DAYS)?,
            ids_reject_days: days(&IDS_REJECT_DAYS)?,
            batch_rows: settings.get(&BATCH_ROWS)?.get(),
            pause: Duration::from_millis(settings.get(&PAUSE_MS)?.into()),
        })
    }
}
