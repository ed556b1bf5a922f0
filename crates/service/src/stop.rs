//! The end of a daemon within a known time, also while it waits.

use std::{pin::pin, time::Duration};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::settings::{Group, Key, Settings, SettingsError};

/// `STOP_SECONDS`.
pub const KEYS: Group = &[&STOP_SECONDS];

const STOP_SECONDS: Key<Duration> = Key::new(
    "stop.seconds",
    || Duration::from_secs(25),
    "seconds after SIGTERM or SIGINT for what is on its way; then connections to databases are ended",
);

/// What is left for the end itself once the connections are ended.
const LAST: Duration = Duration::from_secs(3);

/// How long a daemon may take to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopLimit(Duration);

impl StopLimit {
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        settings.get(&STOP_SECONDS).map(Self)
    }

    /// Does the work; none if it had not ended some seconds after the limit. What it waits for then is left alone: it
    /// must not keep the process.
    pub(crate) async fn within<T>(
        self,
        cancel: &CancellationToken,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = pin!(work);
        let overdue = async {
            cancel.cancelled().await;
            sleep(self.0).await;
        };
        tokio::select! {
            biased;
            done = &mut work => return Some(done),
            () = overdue => {}
        }
        tracing::warn!(after = ?self.0, "still waiting for a server: ending the connections to databases");
        emap_postgres::end_all_connections();
        let done = timeout(LAST, work).await.ok();
        if done.is_none() {
            tracing::warn!("ending at once; what was not confirmed is done again after the next start");
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_that_never_ends_is_left_alone_after_the_stop() {
        let cancel = CancellationToken::new();
        let limit = StopLimit(Duration::from_secs(25));
        assert_eq!(limit.within(&cancel, async { 7 }).await, Some(7));
        let slow = sleep(Duration::from_secs(600));
        assert_eq!(limit.within(&cancel, slow).await, Some(()), "without a stop there is no limit");
        cancel.cancel();
        let begin = tokio::time::Instant::now();
        assert_eq!(limit.within(&cancel, pending::<()>()).await, None);
        assert!(begin.elapsed() < Duration::from_secs(30));
        assert_eq!(limit.within(&cancel, sleep(Duration::from_secs(27))).await, Some(()));
    }
}
