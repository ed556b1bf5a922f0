//! All streams of a daemon, from the start to the last save.

use std::{
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use emap_interchange::Features;
use emap_queue::{Backoff, PublisherSettings, Transport};
use emap_service::Component;
use futures::{FutureExt, future::join_all};
use tokio::{sync::oneshot, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    budget::{Budget, Limits},
    convert::Convert,
    error::FeedError,
    line::Line,
    off_thread::OffThread,
    saver::{Saver, TrackerFor},
    settling::{Reports, Settling, Watch},
    source::Source,
    store::ProgressStore,
    stream::Stream,
    tracker::Tracker,
};

/// How long a feed that was cancelled tries to save what was confirmed.
pub const LAST_SAVE_LIMIT: Duration = Duration::from_secs(5);

/// The usual [`FeedSettings::stall_limit`]: with the time until it is noticed and asked about, below the 30 seconds that
/// are promised.
pub const STALL_LIMIT: Duration = Duration::from_secs(25);

/// What a feed has to know besides its streams.
#[derive(Debug, Clone)]
pub struct FeedSettings {
    /// The queue, and how it is filled.
    pub publisher: PublisherSettings,
    /// What the receivers understand.
    pub features: Features,
    /// How much may be under way.
    pub limits: Limits,
    /// Between two saves of progress that moves.
    pub save_interval: Duration,
    /// How long a feed that was cancelled waits for outstanding confirms.
    pub drain_limit: Duration,
    /// How long nothing may be settled while there is something to be settled, before the feed counts as down. A queue
    /// that is full is no reason.
    pub stall_limit: Duration,
    /// Pauses before the store of the progress is tried again after a failure.
    pub pauses: Backoff,
}

/// A stream at work.
type Running = Pin<Box<dyn Future<Output = Result<(), FeedError>> + Send>>;

/// The streams of one daemon, on their way to one queue, with one store for their progress.
pub struct Feed<S: ProgressStore> {
    outlet: Outlet,
    save_interval: Duration,
    stall_limit: Duration,
    pauses: Backoff,
    reports: Reports,
    streams: Vec<Running>,
    /// Of the sources.
    health: Vec<Component>,
    trackers: Vec<Arc<TrackerFor<S>>>,
}

/// How a feed ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The broker has confirmed everything that was sent.
    pub confirmed: bool,
    /// What was confirmed is saved as progress.
    pub saved: bool,
}

/// Why the source of a stream ended.
#[derive(Debug)]
pub struct Ending<E>(oneshot::Receiver<E>);

impl<E> Ending<E> {
    /// The reason that the source gave; `None` if the stream was cancelled before.
    pub fn reached(mut self) -> Option<E> {
        self.0.try_recv().ok()
    }
}

impl<S: ProgressStore> Feed<S> {
    /// A feed without streams. Starts to connect to the broker. Needs a tokio runtime.
    ///
    /// After `cancel` nothing more is read or sent.
    pub fn new(
        settings: FeedSettings,
        transport: Transport,
        reports: Reports,
        cancel: &CancellationToken,
    ) -> Self {
        reports.progress.down("starting");
        let outlet = Outlet {
            line: Line::start(transport, settings.publisher, settings.features, Budget::new(settings.limits)),
            drain_limit: settings.drain_limit,
            cancel: cancel.child_token(),
        };
        let FeedSettings { save_interval, stall_limit, pauses, .. } = settings;
        let (streams, health, trackers) = (Vec::new(), Vec::new(), Vec::new());
        Self { outlet, save_interval, stall_limit, pauses, reports, streams, health, trackers }
    }

    /// Adds a stream; it starts when the feed runs.
    pub fn add<R, C>(&mut self, stream: Stream<R, C>) -> Ending<R::End>
    where
        R: Source<Position = S::Position>,
        C: Convert<Item = R::Item, Record = S::Record>,
    {
        let (ended, ending) = oneshot::channel();
        let tracker = Arc::new(Tracker::default());
        self.trackers.push(Arc::clone(&tracker));
        self.health.push(stream.health.clone());
        let (line, cancel) = (self.outlet.line.clone(), self.outlet.cancel.clone());
        self.streams.push(Box::pin(async move {
            let name = stream.name.clone();
            let work = AssertUnwindSafe(stream.run(line, tracker)).catch_unwind();
            let Some(worked) = cancel.run_until_cancelled(work).await else { return Ok(()) };
            match worked.unwrap_or(Err(FeedError::Stream(name))) {
                Ok(end) => {
                    // Nobody may be interested in the reason.
                    let _ = end.map(|end| ended.send(end));
                    Ok(())
                }
                Err(error) => {
                    cancel.cancel();
                    Err(error)
                }
            }
        }));
        Ending(ending)
    }

    /// Lets the streams work, and saves their progress in `store`, whose state goes to `health`.
    ///
    /// Ends by itself when every source has ended and everything is confirmed and saved, however long the broker and
    /// the store are away. When cancelled, it waits at most [`FeedSettings::drain_limit`] for outstanding confirms and
    /// then a few seconds for the last save.
    ///
    /// # Errors
    /// A part of the feed broke down. What was confirmed is saved first, unless it was the saving.
    pub async fn run(self, store: S, health: Component) -> Result<Ended, FeedError> {
        let Self {
            outlet,
            save_interval,
            stall_limit,
            pauses,
            reports,
            streams,
            health: mut parts,
            trackers,
        } = self;
        let no_more = CancellationToken::new();
        parts.push(health.clone());
        let mut watch = Watch {
            publisher: Arc::clone(&outlet.line.publisher),
            reports,
            parts,
            trackers: trackers.clone(),
            saved: Arc::default(),
            settling: Settling::new(stall_limit),
        };
        let on_saved = watch.on_saved();
        let store = OffThread::new(store);
        let saver = Saver { store, health, trackers, interval: save_interval, pauses, on_saved };
        let mut saving = pin!(AssertUnwindSafe(saver.run(no_more.clone())).catch_unwind());
        let sending = async { (join_all(streams).await, outlet.drain().await) };
        let (streams, confirmed) = tokio::select! {
            ended = sending => ended,
            // It goes on until there is no more to save, so this was a panic.
            _ = &mut saving => return Err(FeedError::Saver),
            never = watch.run() => match never {},
        };
        no_more.cancel();
        let saved = tokio::select! {
            saved = &mut saving => saved.map(|()| true).map_err(|_| FeedError::Saver)?,
            () = outlet.too_late_to_save() => false,
            never = watch.run() => match never {},
        };
        streams.into_iter().collect::<Result<(), FeedError>>()?;
        Ok(Ended { confirmed, saved })
    }
}

/// The side that faces the broker.
struct Outlet {
    line: Line,
    /// Cancelled with the caller's token, or when a stream breaks down.
    cancel: CancellationToken,
    drain_limit: Duration,
}

impl Outlet {
    /// Waits for outstanding confirms, and when cancelled only for a while; true if all came.
    async fn drain(&self) -> bool {
        let too_late = async {
            self.cancel.cancelled().await;
            sleep(self.drain_limit).await;
        };
        tokio::select! {
            biased;
            () = self.line.publisher.drain() => true,
            () = too_late => {
                tracing::warn!("some messages are not confirmed; the next start sends them again");
                false
            }
        }
    }

    async fn too_late_to_save(&self) {
        self.cancel.cancelled().await;
        sleep(LAST_SAVE_LIMIT).await;
        tracing::warn!("progress is not saved; the next start sends again what it passed");
    }
}
