//! Getting both databases at the start. Unlike later, they are waited for only a short time: a wrong address is to be
//! reported, not tried for ever.

use std::time::Duration;

use emap_ids::{IdsError, IdsStore, Progress, ProgressStore};
use emap_service::{Backoff, CancellationToken, Component, Retry};

use super::error::RunError;
use crate::settings::ReaderSettings;

/// First and longest pause between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// The message store, checked.
pub(super) async fn message_store(
    settings: &ReaderSettings,
    health: &Component,
    cancel: &CancellationToken,
) -> Result<IdsStore, RunError> {
    let (url, schema, zone) = (settings.ids.connection_string(), settings.ids.schema.clone(), settings.zone);
    let open = move || IdsStore::connect_for_reading(&url, &schema, zone);
    let waiting = waiting(settings, health, cancel);
    waiting.run_on_thread(open, IdsError::may_pass).await.map_err(RunError::Store)
}

/// The progress tables, created if missing, and what is saved there.
pub(super) async fn progress(
    settings: &ReaderSettings,
    health: &Component,
    cancel: &CancellationToken,
) -> Result<(ProgressStore, Option<Progress>), RunError> {
    let (url, schema) = (settings.uds.connection_string(), settings.uds.schema.clone());
    let stop = cancel.clone();
    let open = move || {
        let mut store = ProgressStore::connect_until(&url, &schema, &|| stop.is_cancelled())?;
        let saved = store.load()?;
        Ok((store, saved))
    };
    let waiting = waiting(settings, health, cancel);
    waiting.run_on_thread(open, IdsError::may_pass).await.map_err(RunError::Progress)
}

fn waiting(settings: &ReaderSettings, health: &Component, cancel: &CancellationToken) -> Retry {
    Retry::new(health, cancel, Backoff::new(PAUSES.0, PAUSES.1)).at_most(settings.start_limit)
}
