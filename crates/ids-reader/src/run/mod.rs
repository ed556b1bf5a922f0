//! The main loop: rows of the message store → messages on the queue, with progress kept.
//!
//! ```text
//! source ──blocks──► pump ──batches──► publisher ──► hl7Queue
//! (reads ahead)      (converts)            │ confirms
//!                                       tracker ──► saver (progress and rejects, once a second)
//! ```
//!
//! Order on the queue is order in the store. Progress is the highest row such that it and all before it are
//! confirmed by the broker or gave no messages; a reject is on record before progress passes it. Whatever is killed
//! when, a restart publishes at most some rows twice and leaves none out.

mod assemble;
mod awaited_store;
mod broker;
mod figures;
mod pump;
mod retry;
mod saver;
mod source;
mod start;
mod summary;
mod tracker;
mod window;

pub use retry::{RetrySummary, retry};
pub use summary::{RunProgress, RunSummary, Stopped};
pub use window::choose_start;

use std::sync::Arc;

use emap_ids::IdsError;
use emap_queue::{Publisher, Transport};
use emap_service::health::components;
use emap_service::{CancellationToken, Component, Runtime};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use crate::{Converter, ReaderSettings};
use awaited_store::AwaitedStore;
use figures::Figures;
use pump::Pump;
use saver::Saver;
use source::Source;
use tracker::Tracker;

pub(crate) use assemble::assemble;
pub(crate) use broker::watch_connection;
pub(crate) use start::{open_progress, open_store};

/// Called with the state of things whenever progress has been saved.
type OnProgress = Box<dyn Fn(&RunProgress) + Send + Sync>;

/// Why a reader could not start. Once it runs, nothing but the end of the window and the shutdown stop it.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The message store is not there or not what it should be.
    #[error("message store: {0}")]
    Store(IdsError),
    /// The progress tables cannot be had.
    #[error("progress tables: {0}")]
    Progress(IdsError),
    /// A task of the reader broke down; a mistake in the program.
    #[error("the reader broke down: {0}")]
    Broken(String),
}

/// Reads until the end of the window or the cancellation. Readiness has the components `ids`, `star` (the progress
/// tables) and `broker`. `on_progress` is called whenever progress has been saved.
///
/// # Errors
/// When the databases cannot be reached or used at the start.
pub async fn run(
    settings: ReaderSettings,
    runtime: Runtime,
    on_progress: impl Fn(&RunProgress) + Send + Sync + 'static,
) -> Result<RunSummary, RunError> {
    let Runtime { transport, cancel: shutdown, health } = runtime;
    let on_progress: OnProgress = Box::new(on_progress);
    let (ids_health, uds_health) = (health.component(components::IDS), health.component(components::STAR));
    let store = open_store(&settings, &shutdown).await.map_err(RunError::Store)?;
    ids_health.up();
    let (progress_store, saved) = open_progress(&settings, &shutdown).await.map_err(RunError::Progress)?;
    uds_health.up();
    let start = choose_start(saved.as_ref(), settings.default_start, settings.start_from_last_id);
    tracing::info!(%start, end = ?settings.end, after = saved.map(|progress| progress.unid), "reading");

    let reader = Reader::start(&settings, transport, &shutdown, health.component(components::BROKER));
    // The saver has a stop of its own: it works on while the rest drains.
    let stop_saving = CancellationToken::new();
    let saver = Saver {
        store: AwaitedStore::new(progress_store, uds_health, stop_saving.clone()),
        tracker: Arc::clone(&reader.tracker),
        figures: Arc::clone(&reader.figures),
        interval: settings.save_interval,
        on_progress,
    };
    let source = Source {
        store: AwaitedStore::new(store, ids_health, shutdown.clone()),
        // Other software notes -1 before its first message: that is no progress, and no reason to read everything.
        position: saved.map(|progress| progress.unid).filter(|unid| *unid >= 0),
        start,
        settings: settings.clone(),
        shutdown,
    };
    reader.finish(source, saver, stop_saving).await
}

/// The parts of a running reader that others hold on to.
struct Reader {
    settings: ReaderSettings,
    shutdown: CancellationToken,
    publisher: Arc<Publisher>,
    tracker: Arc<Tracker>,
    figures: Arc<Figures>,
    _watcher: Task<()>,
}

impl Reader {
    fn start(
        settings: &ReaderSettings,
        transport: Transport,
        shutdown: &CancellationToken,
        broker_health: Component,
    ) -> Self {
        let publisher = Arc::new(Publisher::start(transport, settings.publishing.clone()));
        let watcher = Task::spawn(watch_connection(Arc::clone(&publisher), broker_health));
        Self {
            settings: settings.clone(),
            shutdown: shutdown.clone(),
            publisher,
            tracker: Arc::default(),
            figures: Arc::default(),
            _watcher: watcher,
        }
    }

    /// Lets the parts work until the source ends, then waits for confirms and the last save.
    async fn finish(
        self,
        source: Source,
        saver: Saver,
        stop_saving: CancellationToken,
    ) -> Result<RunSummary, RunError> {
        let saver = Task::spawn(saver.run(stop_saving.clone()));
        let (sender, blocks) = mpsc::channel(1);
        let source = Task::spawn(source.run(sender));
        let pump = Pump {
            converter: Converter::new(self.settings.conversion()),
            publisher: Arc::clone(&self.publisher),
            tracker: Arc::clone(&self.tracker),
            figures: Arc::clone(&self.figures),
            batch_rows: self.settings.batch_rows,
        };
        let pumped = Task::spawn(pump.run(blocks, self.shutdown.clone())).end().await;
        let drained = self.drain().await;
        stop_saving.cancel();
        match (source.end().await, saver.end().await, pumped) {
            (Ok(stopped), Ok(()), Ok(Ok(()))) => {
                Ok(self.figures.summary(if drained { stopped } else { Stopped::Asked }))
            }
            (_, _, Ok(Err(refused))) => Err(RunError::Broken(refused.to_string())),
            (source, saver, pump) => Err(broken(&[source.err(), saver.err(), pump.err()])),
        }
    }

    /// Waits for outstanding confirms: without limit at the end of the window, a short time after a shutdown. True
    /// when all came.
    async fn drain(&self) -> bool {
        let hurry = async {
            self.shutdown.cancelled().await;
            tokio::time::sleep(self.settings.drain_limit).await;
        };
        tokio::select! {
            () = self.publisher.drain() => true,
            () = hurry => {
                tracing::warn!("some messages are not confirmed; the next start publishes them again");
                false
            }
        }
    }
}

/// A task that ends with its owner: whoever drops a running reader stops all of it.
struct Task<T>(JoinHandle<T>);

impl<T: Send + 'static> Task<T> {
    fn spawn(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    async fn end(mut self) -> Result<T, JoinError> {
        (&mut self.0).await
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn broken(errors: &[Option<JoinError>]) -> RunError {
    let texts: Vec<String> = errors.iter().flatten().map(ToString::to_string).collect();
    RunError::Broken(texts.join("; "))
}
