//! Getting both databases at the start. Unlike later, they are waited for only a short time: a wrong address is to be
//! reported, not tried for ever.

use std::time::Duration;

use emap_ids::{IdsError, IdsStore, ProgressStore};
use emap_service::{Backoff, CancellationToken, Component, Retry};

use super::{error::RunError, tables::TablesError};
use crate::settings::ReaderSettings;

/// First and longest pause between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// The message store, checked.
pub(super) async fn message_store(settings: &ReaderSettings, waiting: Retry) -> Result<IdsStore, RunError> {
    let (url, schema, zone) = (settings.ids.connection_string(), settings.ids.schema.clone(), settings.zone);
    let open = move || IdsStore::connect_for_reading(&url, &schema, zone);
    waiting.run_on_thread(open, IdsError::may_pass).await.map_err(RunError::Store)
}

/// The progress tables, created if missing, whoever works with them.
pub(super) async fn tables(settings: &ReaderSettings, waiting: Retry) -> Result<ProgressStore, RunError> {
    let (url, schema) = (settings.uds.connection_string(), settings.uds.schema.clone());
    let stop = cancel.clone();
    let open = move || Ok(ProgressStore::connect_until(&url, &schema, &|| stop.is_cancelled())?);
    waiting.run_on_thread(open, TablesError::may_pass).await.map_err(RunError::Progress)
}

/// Attempts for the time that the settings allow at the start.
pub(super) fn briefly(settings: &ReaderSettings, health: &Component, cancel: &CancellationToken) -> Retry {
    patiently(health, cancel).at_most(settings.start_limit)
}

/// Attempts for as long as it takes.
pub(super) fn patiently(health: &Component, cancel: &CancellationToken) -> Retry {
    Retry::new(health, cancel, Backoff::new(PAUSES.0, PAUSES.1))
}
