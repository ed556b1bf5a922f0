//! Publishing rejected rows after all, when a newer reader can convert them.

use chrono::Utc;
use emap_ids::{IdsError, IdsRow, IdsStore, ProgressStore, Reject};
use emap_queue::{Batch, Outgoing, Publisher};
use emap_service::Runtime;
use emap_service::health::components;
use tokio::sync::oneshot;

use super::assemble::{Assembled, assemble};
use super::awaited_store::AwaitedStore;
use super::figures::Figures;
use super::{RunError, open_progress, open_store};
use crate::{Converter, ReaderSettings};

/// Rejects looked at in one go.
const PART: u32 = 100;

/// What became of the rejected rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetrySummary {
    /// Rows that were rejected and not yet published.
    pub rows: u64,
    /// Messages published from them.
    pub messages: u64,
    /// Rows that are still rejects, perhaps for another reason.
    pub still_rejected: u64,
    /// Rows that are no longer in the store.
    pub gone: u64,
}

/// Converts every open reject again, publishes what it gives and closes it. Rows that now are skipped on purpose are
/// closed too. The messages come after those of later rows; core puts them right by their times.
///
/// # Errors
/// When a database cannot be reached at the start, or the shutdown comes before all is done.
pub async fn retry(settings: ReaderSettings, runtime: Runtime) -> Result<RetrySummary, RunError> {
    let Runtime { transport, cancel: shutdown, health } = runtime;
    let store = open_store(&settings, &shutdown).await.map_err(RunError::Store)?;
    let (rejects, _) = open_progress(&settings, &shutdown).await.map_err(RunError::Progress)?;
    let mut retry = Retry {
        store: AwaitedStore::new(store, health.component(components::IDS), shutdown.clone()),
        rejects: AwaitedStore::new(rejects, health.component(components::STAR), shutdown.clone()),
        publisher: Publisher::start(transport, settings.publishing.clone()),
        converter: Converter::new(settings.conversion()),
        summary: RetrySummary::default(),
    };
    let finished = tokio::select! {
        finished = retry.all() => finished,
        () = shutdown.cancelled() => None,
    };
    finished.ok_or_else(|| RunError::Broken("stopped before all rows were published".to_owned()))?;
    Ok(retry.summary)
}

struct Retry {
    store: AwaitedStore<IdsStore>,
    rejects: AwaitedStore<ProgressStore>,
    publisher: Publisher,
    converter: Converter,
    summary: RetrySummary,
}

impl Retry {
    async fn all(&mut self) -> Option<()> {
        let mut after = i64::MIN;
        loop {
            let open = self.rejects.call(move |store| store.open_rejects(after, PART)).await?;
            let Some(last) = open.last() else { return Some(()) };
            after = last.unid;
            self.summary.rows += open.len() as u64;
            self.part(open).await?;
        }
    }

    async fn part(&mut self, open: Vec<Reject>) -> Option<()> {
        let unids: Vec<i64> = open.iter().map(|reject| reject.unid).collect();
        let rows = self.store.call(move |store| read_rows(store, &unids)).await?;
        self.summary.gone += (open.len() - rows.len()) as u64;
        let assembled = assemble(&mut self.converter, &rows, &Figures::default());
        self.summary.still_rejected += assembled.rejects.len() as u64;
        let Assembled { outgoing, rejects } = assembled;
        let rejected: Vec<i64> = rejects.iter().map(|reject| reject.unid).collect();
        let done: Vec<i64> =
            rows.iter().map(|row| row.unid).filter(|unid| !rejected.contains(unid)).collect();
        self.publish(outgoing, &done).await?;
        self.rejects.call(move |store| store.record_rejects(&rejects)).await?;
        self.rejects.call(move |store| store.mark_replayed(&done, Utc::now())).await
    }

    async fn publish(&mut self, outgoing: Vec<Outgoing>, rows: &[i64]) -> Option<()> {
        let (Some(first), false) = (rows.first(), outgoing.is_empty()) else { return Some(()) };
        let (confirmed, wait) = oneshot::channel();
        self.summary.messages += outgoing.len() as u64;
        let batch = Batch {
            id: format!("retry-{first}"),
            messages: outgoing,
            on_confirmed: Box::new(move || {
                // Nobody waits any more only when the shutdown came.
                let _ = confirmed.send(());
            }),
        };
        self.publisher.submit(batch).await.ok()?;
        wait.await.ok()
    }
}

fn read_rows(store: &mut IdsStore, unids: &[i64]) -> Result<Vec<IdsRow>, IdsError> {
    let rows = unids.iter().map(|unid| store.read_row(*unid));
    rows.filter_map(Result::transpose).collect()
}
