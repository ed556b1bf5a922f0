//! Saves what the streams have dealt with.

use std::{sync::Arc, time::Duration};

use emap_queue::Backoff;
use emap_service::Component;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    off_thread::OffThread,
    store::ProgressStore,
    tracker::{Ready, Tracker},
};

/// Longest time without a sign of life from the store.
const CHECK_EVERY: Duration = Duration::from_secs(10);

/// The tracker of a stream whose progress a store of type `S` keeps.
pub(crate) type TrackerFor<S> = Tracker<<S as ProgressStore>::Position, <S as ProgressStore>::Record>;

/// What a store of type `S` is to save.
type ReadyFor<S> = Ready<<S as ProgressStore>::Position, <S as ProgressStore>::Record>;

pub(crate) struct Saver<S: ProgressStore> {
    pub(crate) store: OffThread<S>,
    pub(crate) health: Component,
    /// Of all streams.
    pub(crate) trackers: Vec<Arc<TrackerFor<S>>>,
    /// Between two saves.
    pub(crate) interval: Duration,
    /// Before the store is tried again.
    pub(crate) pauses: Backoff,
    /// Called whenever something was saved.
    pub(crate) on_saved: Box<dyn Fn() + Send + Sync>,
}

impl<S: ProgressStore> Saver<S> {
    /// Saves once an interval what is new, and a last time when nothing more will be confirmed. Goes on until that has
    /// succeeded.
    pub(crate) async fn run(self, no_more: CancellationToken) {
        let mut heard = self.check(&no_more).await;
        loop {
            tokio::select! {
                () = sleep(self.interval) => heard = self.save_all(&no_more).await.unwrap_or(heard),
                () = no_more.cancelled() => {
                    self.save_all(&no_more).await;
                    return;
                }
            }
            if heard.elapsed() >= CHECK_EVERY {
                heard = self.check(&no_more).await;
            }
        }
    }

    /// Waits until the store says that it works; not any more when nothing more will be confirmed.
    async fn check(&self, no_more: &CancellationToken) -> Instant {
        no_more.run_until_cancelled(self.attempt(None, no_more)).await.unwrap_or_else(Instant::now)
    }

    /// When the store last answered; `None` if there was nothing to save.
    async fn save_all(&self, no_more: &CancellationToken) -> Option<Instant> {
        let mut heard = None;
        for tracker in &self.trackers {
            if let Some(ready) = tracker.take() {
                heard = Some(self.attempt(Some(ready), no_more).await);
                tracker.saved();
                (self.on_saved)();
            }
        }
        heard
    }

    /// Tries until it is saved, or with nothing to save until the store says that it works; returns when that was.
    async fn attempt(&self, mut ready: Option<ReadyFor<S>>, no_more: &CancellationToken) -> Instant {
        let mut pauses = self.pauses.clone();
        let (mut failed, mut hurry) = (false, no_more.is_cancelled());
        loop {
            let attempt = move |store: &mut S| {
                let saved = if failed { store.recover() } else { Ok(()) };
                let saved = saved.and_then(|()| match &ready {
                    Some(ready) => store.save(&ready.settled),
                    None => store.check(),
                });
                (saved, ready)
            };
            let (saved, returned) = self.store.call(attempt).await;
            ready = returned;
            match saved {
                Ok(()) => {
                    self.health.up();
                    return Instant::now();
                }
                Err(error) => self.health.down(error),
            }
            failed = true;
            tokio::select! {
                () = sleep(pauses.pause()) => (),
                // The last chance does not wait for the end of a long pause.
                () = no_more.cancelled(), if !hurry => {
                    hurry = true;
                    pauses.reset();
                }
            }
        }
    }
}
