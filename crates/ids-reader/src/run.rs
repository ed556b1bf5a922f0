//! The daemon: rows of the message store → messages on the queue, with progress kept.
//!
//! How blocks become batches and confirms become progress is the subject of [`emap_feed`]; here is what is particular
//! to the message store: which rows are read (`source`), what becomes of one (`conversion`), and where progress and
//! rejects are kept (`progress`).
//!
//! Order on the queue is order in the store. Whatever is killed when, a restart publishes at most some rows twice and
//! leaves none out.

mod conversion;
mod error;
mod figures;
mod open;
mod progress;
mod retry;
mod source;
mod summary;
mod window;

pub use self::{
    error::RunError,
    retry::{RetrySummary, retry},
    summary::{RunProgress, RunSummary, Stopped},
    window::choose_start,
};

use std::sync::Arc;

use emap_feed::{Blocking, Feed, Stream};
use emap_service::{Runtime, health::components};

use self::{conversion::Conversion, figures::Figures, progress::SavedProgress, source::Rows};
use crate::ReaderSettings;

/// Reads until the end of the window or the cancellation. Readiness has the components `ids`, `star` (the progress
/// tables) and `broker`. `on_progress` is called whenever progress has been saved; it must not block.
///
/// # Errors
/// The databases cannot be reached or used at the start, or the program has a mistake.
pub async fn run(
    settings: ReaderSettings,
    runtime: Runtime,
    on_progress: impl Fn(&RunProgress) + Send + Sync + 'static,
) -> Result<RunSummary, RunError> {
    let Runtime { transport, cancel, health } = runtime;
    let (ids, star) = (health.component(components::IDS), health.component(components::STAR));
    let store = open::message_store(&settings, &ids, &cancel).await?;
    let (tables, saved) = open::progress(&settings, &star, &cancel).await?;
    let start = choose_start(saved.as_ref(), settings.default_start, settings.start_from_last_id);
    tracing::info!(%start, end = ?settings.end, after = saved.map(|progress| progress.unid), "reading");

    let figures = Arc::<Figures>::default();
    let source = Blocking::new(Rows::new(store, saved, start, &settings));
    let mut stream = Stream::new("ids", source, Conversion::new(&settings, &figures), ids);
    stream.batch.items = settings.batch_rows;
    let published = Arc::clone(&figures);
    stream.on_confirmed = Box::new(move |messages| published.published(messages));

    let mut feed = Feed::new(settings.feed(), transport, health.component(components::BROKER), &cancel);
    let window = feed.add(stream);
    let ended = feed.run(SavedProgress::new(tables, &figures, Box::new(on_progress)), star).await?;
    let reached = window.reached().filter(|_| ended.confirmed && ended.saved);
    Ok(figures.summary(reached.unwrap_or(Stopped::Asked)))
}
