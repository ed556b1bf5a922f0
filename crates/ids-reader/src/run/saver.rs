//! Saves progress and rejects while they move.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use emap_ids::{Progress, ProgressStore};
use emap_service::CancellationToken;
use emap_service::cancellation::cancelled_within;

use super::OnProgress;
use super::awaited_store::AwaitedStore;
use super::figures::Figures;
use super::tracker::{Settled, Tracker};

pub(crate) struct Saver {
    pub(crate) store: AwaitedStore<ProgressStore>,
    pub(crate) tracker: Arc<Tracker>,
    pub(crate) figures: Arc<Figures>,
    pub(crate) interval: Duration,
    pub(crate) on_progress: OnProgress,
}

impl Saver {
    /// Saves once an interval if there is something new, and a last time after the stop.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        while !cancelled_within(&stop, self.interval).await {
            self.save_what_is_settled().await;
        }
        self.save_what_is_settled().await;
    }

    async fn save_what_is_settled(&mut self) {
        let Some(settled) = self.tracker.take_settled() else { return };
        let settled = Arc::new(settled);
        if self.save(Arc::clone(&settled)).await {
            self.tracker.saved(&settled);
            self.figures.saved(settled.position);
            (self.on_progress)(&self.figures.progress());
        } else {
            tracing::warn!(
                unid = settled.position.unid,
                "progress not saved; published again at the next start"
            );
        }
    }

    async fn save(&mut self, settled: Arc<Settled>) -> bool {
        let progress = Progress {
            unid: settled.position.unid,
            message_datetime: settled.position.message_datetime,
            processed_at: Some(Utc::now()),
        };
        self.store.call(move |store| store.save(&progress, &settled.rejects)).await.is_some()
    }
}
