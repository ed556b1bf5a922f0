//! Keeps one queue's connection. Each queue has its own, so that what goes wrong with one does not stop the others.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{inbox::Inbox, tap};
use crate::{
    backoff::Backoff,
    byte_budget::ByteBudget,
    transport::link::{Connector, Consume, LinkError},
};

/// Longest pause between attempts to consume a queue that does not exist or is not for us.
const MISSING_MAXIMUM: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The background of one queue.
pub(super) struct Supervisor<C> {
    pub(super) connector: C,
    pub(super) prefetch: u16,
    /// Bytes of messages that may be here and unsettled.
    pub(super) max_bytes: usize,
    pub(super) inbox: Arc<Inbox>,
    pub(super) stop: CancellationToken,
}

impl<C: Connector> Supervisor<C> {
    /// Connects and consumes until stopped, or until the consumer is dropped.
    pub(super) async fn run(self) {
        let mut backoff = Backoff::reconnecting(FIRST_PAUSE);
        let stop = self.stop.clone();
        let mut reported = None;
        loop {
            let budget = Arc::new(ByteBudget::new(self.max_bytes));
            let mut progress = false;
            let ended = tokio::select! {
                () = stop.cancelled() => return,
                link = self.connector.open_consuming(Arc::clone(&budget)) => match link {
                    Ok(link) => self.serve(link, &budget, &mut progress, &mut reported).await,
                    Err(error) => Err(error),
                },
            };
            self.inbox.set_connected(false);
            self.inbox.close();
            let Err(error) = ended else { return };
            // A connection that is lost again before anything was settled is no reason to hurry.
            if progress {
                backoff.reset();
            }
            let pause = backoff.pause();
            tracing::warn!(queue = &*self.inbox.queue, %error, ?pause, "cannot consume, connecting again");
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Consumes over one connection, until it is lost (an error) or the consumer is stopped.
    async fn serve(
        &self,
        mut link: C::Consuming,
        budget: &ByteBudget,
        progress: &mut bool,
        reported: &mut Option<String>,
    ) -> Result<(), LinkError> {
        self.inbox.set_connected(true);
        while let Some(tap) = self.find_queue(&mut link, reported).await? {
            *progress |= tokio::select! {
                error = link.lost() => return Err(error),
                settled = tap::run(tap, &self.inbox, budget, &self.stop) => settled,
            };
            if self.stop.is_cancelled() {
                break;
            }
            // The queue was deleted, or the connection is about to be noticed as lost.
            if self.stop.run_until_cancelled(sleep(FIRST_PAUSE)).await.is_none() {
                break;
            }
        }
        link.close().await;
        Ok(())
    }

    /// Waits until the queue can be consumed; `None` if the consumer is stopped first.
    async fn find_queue(
        &self,
        link: &mut C::Consuming,
        reported: &mut Option<String>,
    ) -> Result<Option<<C::Consuming as Consume>::Tap>, LinkError> {
        let queue = &*self.inbox.queue;
        let mut backoff = Backoff::new(FIRST_PAUSE, MISSING_MAXIMUM);
        loop {
            match link.open(queue, self.prefetch).await {
                Ok(tap) => {
                    tracing::info!(queue, "consuming");
                    *reported = None;
                    return Ok(Some(tap));
                }
                Err(error) if error.leaves_connection() => {
                    // Once, until the reason changes: a site may do without some of the queues.
                    let reason = error.to_string();
                    if reported.as_ref() != Some(&reason) {
                        tracing::warn!(queue, reason, "cannot consume this queue, trying again");
                        *reported = Some(reason);
                    }
                }
                Err(error) => return Err(error),
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(None),
                error = link.lost() => return Err(error),
                () = sleep(backoff.pause()) => {}
            }
        }
    }
}
