//! Getting both databases at the start. Unlike later, they are waited for only a short time: a wrong address should
//! be told, not retried for ever.

use std::time::{Duration, Instant};

use emap_ids::{IdsError, IdsStore, Progress, ProgressStore};
use emap_service::cancellation::cancelled_within;
use emap_service::{Backoff, CancellationToken};

use crate::ReaderSettings;

/// The message store, checked.
pub(crate) async fn open_store(
    settings: &ReaderSettings,
    shutdown: &CancellationToken,
) -> Result<IdsStore, IdsError> {
    let (url, schema, zone) = (settings.ids.connection_string(), settings.ids.schema.clone(), settings.zone);
    let open = move || IdsStore::connect_for_reading(&url, &schema, zone);
    within(settings.start_limit, shutdown, open).await
}

/// The progress tables, created if missing, and what is saved there.
pub(crate) async fn open_progress(
    settings: &ReaderSettings,
    shutdown: &CancellationToken,
) -> Result<(ProgressStore, Option<Progress>), IdsError> {
    let (url, schema) = (settings.uds.connection_string(), settings.uds.schema.clone());
    let open = move || {
        let mut store = ProgressStore::connect(&url, &schema)?;
        let saved = store.load()?;
        Ok((store, saved))
    };
    within(settings.start_limit, shutdown, open).await
}

/// Repeats while the database is not reachable, at most for `limit`; any other failure counts at once.
async fn within<T: Send + 'static>(
    limit: Duration,
    shutdown: &CancellationToken,
    open: impl Fn() -> Result<T, IdsError> + Clone + Send + 'static,
) -> Result<T, IdsError> {
    let deadline = Instant::now() + limit;
    let mut delays = Backoff::new(Duration::from_millis(250), Duration::from_secs(2));
    loop {
        let attempt = tokio::task::spawn_blocking(open.clone()).await;
        let error = match attempt {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(error)) => error,
            Err(error) => IdsError::Unreachable(error.to_string()),
        };
        let delay = delays.pause();
        if !error.is_connection()
            || Instant::now() + delay > deadline
            || cancelled_within(shutdown, delay).await
        {
            return Err(error);
        }
    }
}
