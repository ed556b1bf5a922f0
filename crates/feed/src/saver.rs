//! Saves what the streams have dealt with.

use std::{sync::Arc, time::Duration};

use emap_queue::Backoff;
use emap_service::Component;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    off_thread::OffThread,
    store::ProgressStore,
    tracker::{Ready, Tracker},
};

/// First and longest pause, in seconds, before a store is tried again.
const PAUSES: (u64, u64) = (1, 30);

/// The tracker of a stream whose progress a store of type `S` keeps.
pub(crate) type TrackerFor<S> = Tracker<<S as ProgressStore>::Position, <S as ProgressStore>::Record>;

pub(crate) struct Saver<S: ProgressStore> {
    pub(crate) store: OffThread<S>,
    pub(crate) health: Component,
    /// Of all streams.
    pub(crate) trackers: Vec<Arc<TrackerFor<S>>>,
    /// Between two saves.
    pub(crate) interval: Duration,
}

impl<S: ProgressStore> Saver<S> {
    /// Saves once an interval what is new, and a last time when nothing more will be confirmed. Goes on until that has
    /// succeeded.
    pub(crate) async fn run(self, no_more: CancellationToken) {
        loop {
            tokio::select! {
                () = sleep(self.interval) => self.save_all(&no_more).await,
                () = no_more.cancelled() => return self.save_all(&no_more).await,
            }
        }
    }

    async fn save_all(&self, no_more: &CancellationToken) {
        for tracker in &self.trackers {
            if let Some(ready) = tracker.take() {
                self.save(ready, no_more).await;
            }
        }
    }

    /// Tries until it is saved.
    async fn save(&self, mut ready: Ready<S::Position, S::Record>, no_more: &CancellationToken) {
        let mut pauses = Backoff::seconds(PAUSES.0, PAUSES.1);
        let (mut failed, mut hurry) = (false, no_more.is_cancelled());
        loop {
            let attempt = move |store: &mut S| {
                let saved = if failed { store.recover() } else { Ok(()) };
                (saved.and_then(|()| store.save(&ready.settled)), ready)
            };
            let (saved, returned) = self.store.call(attempt).await;
            ready = returned;
            match saved {
                Ok(()) => return self.health.up(),
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
