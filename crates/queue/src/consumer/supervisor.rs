//! Keeps the connection, and a task for every queue that can be consumed.

use super::inbox::Inbox;
use super::tap;
use crate::Backoff;
use crate::transport::{Connector, Consume, LinkError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Longest pause between looks for a queue that does not exist or is not for us.
const MISSING_MAXIMUM: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The background of one consumer.
pub(super) struct Supervisor<C> {
    pub(super) connector: C,
    pub(super) prefetch: u16,
    pub(super) inboxes: Vec<Arc<Inbox>>,
    pub(super) connected: Arc<AtomicBool>,
    pub(super) stop: CancellationToken,
}

/// A queue that is not being consumed.
struct Missing {
    index: usize,
    look_at: Instant,
    backoff: Backoff,
}

impl Missing {
    fn new(index: usize, look_at: Instant) -> Self {
        Self { index, look_at, backoff: Backoff::new(FIRST_PAUSE, MISSING_MAXIMUM) }
    }
}

impl<C: Connector> Supervisor<C> {
    /// Connects and consumes until stopped, or until the consumer is dropped.
    pub(super) async fn run(self) {
        let mut backoff = Backoff::reconnecting(FIRST_PAUSE);
        let stop = &self.stop;
        loop {
            let ended = tokio::select! {
                () = stop.cancelled() => return,
                link = self.connector.open_consuming() => match link {
                    Ok(link) => {
                        backoff.reset();
                        self.serve(link).await
                    }
                    Err(error) => Err(error),
                },
            };
            self.connected.store(false, Ordering::Relaxed);
            let Err(error) = ended else { return };
            let pause = backoff.pause();
            tracing::warn!(%error, ?pause, "cannot consume, connecting again");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Consumes over one connection, until it is lost (an error) or the consumer is stopped.
    async fn serve(&self, mut link: C::Consuming) -> Result<(), LinkError> {
        self.connected.store(true, Ordering::Relaxed);
        let mut taps = JoinSet::new();
        let ended = self.watch(&mut link, &mut taps).await;
        if ended.is_ok() {
            while taps.join_next().await.is_some() {}
            link.close().await;
        }
        taps.shutdown().await;
        self.inboxes.iter().for_each(|inbox| inbox.close());
        ended
    }

    async fn watch(&self, link: &mut C::Consuming, taps: &mut JoinSet<usize>) -> Result<(), LinkError> {
        let stop = &self.stop;
        let now = Instant::now();
        let mut missing: Vec<_> = (0..self.inboxes.len()).map(|index| Missing::new(index, now)).collect();
        loop {
            self.look_for(&mut missing, link, taps).await?;
            let next_look = missing.iter().map(|queue| queue.look_at).min();
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                error = link.lost() => return Err(error),
                Some(ended) = taps.join_next() => match ended {
                    // The queue was deleted or refused us, or the connection is about to be noticed as lost.
                    Ok(index) => missing.push(Missing::new(index, Instant::now() + FIRST_PAUSE)),
                    Err(_) => return Err(LinkError::Closed),
                },
                () = sleep_until(next_look) => {}
            }
        }
    }

    /// Looks for the queues whose time has come; starts to consume those that let us.
    async fn look_for(
        &self,
        missing: &mut Vec<Missing>,
        link: &mut C::Consuming,
        taps: &mut JoinSet<usize>,
    ) -> Result<(), LinkError> {
        for mut queue in std::mem::take(missing) {
            if queue.look_at > Instant::now() {
                missing.push(queue);
                continue;
            }
            let inbox = &self.inboxes[queue.index];
            match link.open(&inbox.queue, self.prefetch).await {
                Ok(tap) => {
                    tracing::info!(queue = &*inbox.queue, "consuming");
                    let (inbox, stop, index) = (Arc::clone(inbox), self.stop.clone(), queue.index);
                    taps.spawn(async move {
                        tap::run(tap, inbox, stop).await;
                        index
                    });
                }
                Err(error) if error.leaves_connection() => {
                    let pause = queue.backoff.pause();
                    tracing::warn!(queue = &*inbox.queue, %error, ?pause, "cannot consume this queue, trying again");
                    queue.look_at = Instant::now() + pause;
                    missing.push(queue);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Sleeps until then; without a time, for ever.
async fn sleep_until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}
