//! The daemon: rows of the message store → messages on the queue, with progress kept.
//!
//! How blocks become batches and confirms become progress is the subject of [`emap_feed`]; here is what is particular
//! to the message store: which rows are read (`source`), what becomes of one (`conversion`), where progress and
//! rejects are kept (`progress`), and that only one reader does it (`place`).
//!
//! Order on the queue is order in the store, but for rows that are committed late. Whatever is killed when, a restart
//! publishes at most some rows twice and leaves none out.

mod arrival;
mod conversion;
mod error;
mod figures;
mod open;
mod place;
mod progress;
mod retry;
mod source;
mod summary;
mod tables;
mod window;

pub use self::{
    error::RunError,
    retry::{RetrySummary, retry},
    summary::{RunProgress, RunSummary, Stopped},
    tables::TablesError,
    window::choose_start,
};

use std::sync::Arc;

use emap_feed::{Blocking, Feed, Stream};
use emap_ids::IdsStore;
use emap_service::{CancellationToken, Component, Retry, Runtime, health::components};

use self::{
    conversion::Conversion,
    figures::Figures,
    place::{Taken, last_row, new_name},
    progress::{OnProgress, SavedProgress},
    source::{Beginning, Rows},
};
use crate::ReaderSettings;

/// Reads until the end of the window or the cancellation. Readiness has the components `ids`, `star` (the progress
/// tables), `broker` and `progress`. `on_progress` is called whenever progress has been saved; it must not block.
///
/// While another reader works with the same progress tables, this one waits for it to end.
///
/// # Errors
/// The databases cannot be reached or used at the start, or the program has a mistake.
pub async fn run(
    settings: ReaderSettings,
    runtime: Runtime,
    on_progress: impl Fn(&RunProgress) + Send + Sync + 'static,
) -> Result<RunSummary, RunError> {
    let reader = Reader { settings, runtime, figures: Arc::default(), on_progress: Arc::new(on_progress) };
    let mut is_start = true;
    loop {
        if let Some(stopped) = reader.work(is_start).await? {
            return Ok(reader.figures.summary(stopped));
        }
        is_start = false;
        tracing::warn!("another reader has taken over, waiting for it to end");
    }
}

struct Reader {
    settings: ReaderSettings,
    runtime: Runtime,
    figures: Arc<Figures>,
    on_progress: OnProgress,
}

impl Reader {
    /// Works from the saved position; `None` if another reader got between.
    async fn work(&self, is_start: bool) -> Result<Option<Stopped>, RunError> {
        let Self { settings, runtime, figures, on_progress } = self;
        let Runtime { transport, cancel, health } = runtime;
        let (ids, star, reports) =
            (health.component(components::IDS), health.component(components::STAR), open::reports(health));
        // Only at the start a database that cannot be had may be a mistake in the settings.
        let attempts = |component| -> Retry {
            if is_start {
                open::briefly(settings, component, cancel)
            } else {
                open::patiently(component, cancel)
            }
        };
        let store = open::message_store(settings, attempts(&ids)).await?;
        let name = new_name();
        let taken = place::take(settings, &star, cancel, &name, attempts(&star)).await;
        let taken = taken.map_err(RunError::Progress)?;

        let lost = CancellationToken::new();
        let mut feed = Feed::new(settings.feed(), transport.clone(), reports, cancel);
        let window = feed.add(self.stream(store, &taken, ids));
        let progress = SavedProgress::new(taken, name, figures, Arc::clone(on_progress), lost.clone());
        let Some(ended) = lost.run_until_cancelled(feed.run(progress, star)).await else { return Ok(None) };
        let ended = ended?;
        let reached = window.reached().filter(|_| ended.confirmed && ended.saved);
        Ok(Some(reached.unwrap_or(Stopped::Asked)))
    }

    fn stream(&self, store: IdsStore, taken: &Taken, ids: Component) -> Stream<Blocking<Rows>, Conversion> {
        let Self { settings, figures, .. } = self;
        let Taken { saved, gaps, .. } = taken;
        let start = choose_start(saved.as_ref(), settings.default_start, settings.start_from_last_id);
        let after = saved.map(|progress| progress.unid);
        tracing::info!(%start, end = ?settings.end, after, gaps = gaps.len(), "reading");
        let beginning = Beginning { after: last_row(saved.as_ref()), gaps: gaps.clone(), start };
        let source = Blocking::new(Rows::new(store, beginning, settings));
        let mut stream = Stream::new("ids", source, Conversion::new(settings, figures), ids);
        stream.batch.items = settings.batch_rows;
        stream.pauses = settings.pauses.clone();
        let published = Arc::clone(figures);
        stream.on_confirmed = Box::new(move |messages| published.published(messages));
        stream
    }
}
