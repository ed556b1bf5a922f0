//! Fills one queue: batches of messages in, a callback for each once the broker keeps all of it.
//!
//! Sending is pipelined: up to [`PublisherSettings::max_in_transit`] messages may be unconfirmed. As
//! long as the broker refuses nothing, the order on the queue is the order of submission; after a
//! refusal up to that many messages may change places among each other. A lost connection is made anew
//! and everything unconfirmed is sent again in order, so a message may arrive twice but never not at all.

pub(crate) mod batch;
mod ledger;
mod settings;
mod shared;
mod submit;
#[cfg(test)]
mod tests;
mod worker;

pub use self::{
    batch::{Batch, GivenUp, GivenUpReason, Outgoing},
    settings::{DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_QUEUE_LENGTH, PublisherSettings},
    submit::SubmitError,
};

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use self::shared::{Admitted, Shared};
use crate::transport::{Transport, amqp::Amqp, link::Connector};

/// Publishes batches in the background. Dropping it stops at once; what is unconfirmed then may or may
/// not be on the queue, and callbacks that have not run never will.
pub struct Publisher {
    batches: mpsc::Sender<Admitted>,
    room: Arc<Semaphore>,
    max_bytes: u32,
    shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

impl Publisher {
    /// Starts publishing, without waiting for a connection: that is made, and made anew, in the
    /// background. Needs a tokio runtime.
    pub fn start(transport: Transport, settings: PublisherSettings) -> Self {
        match transport {
            Transport::Amqp(config) => Self::start_over(Amqp(config), settings),
            Transport::InProcess(broker) => Self::start_over(broker, settings),
        }
    }

    fn start_over<C: Connector>(connector: C, settings: PublisherSettings) -> Self {
        let (batches, inbox) = mpsc::channel(settings.max_batches.max(1));
        let shared = Arc::new(Shared {
            connected: AtomicBool::new(false),
            held_back: AtomicBool::new(false),
            under_way: Mutex::default(),
            outstanding: watch::Sender::new(0),
        });
        let mut tasks = JoinSet::new();
        let (ledger, callbacks) = ledger::Ledger::new(Arc::clone(&shared));
        tasks.spawn(callbacks);
        let stop = CancellationToken::new();
        let max_bytes = u32::try_from(settings.max_bytes).unwrap_or(u32::MAX >> 3).clamp(1, u32::MAX >> 3);
        let worker =
            worker::Worker::new(connector, settings, inbox, stop.clone(), ledger, Arc::clone(&shared));
        tasks.spawn(worker.run());
        let room = Arc::new(Semaphore::new(max_bytes as usize));
        Self { batches, room, max_bytes, shared, stop, tasks: tasks.into() }
    }

    /// Whether the broker can be reached now.
    pub fn is_connected(&self) -> bool {
        self.shared.connected.load(Ordering::Relaxed)
    }

    /// Whether the broker can be reached and yet takes nothing just now: the queue is full, or the broker is short of
    /// memory or disk. Nothing is wrong with us then.
    pub fn is_held_back(&self) -> bool {
        self.shared.held_back.load(Ordering::Relaxed)
    }

    /// Puts a batch at the end of the line; waits while the line is full. A batch whose id is under way
    /// already is logged and dropped, its callback never runs. Losing the future submits nothing.
    pub async fn submit(&self, batch: Batch) -> Result<(), SubmitError> {
        if self.stop.is_cancelled() {
            return Err(SubmitError::ShutDown);
        }
        submit::check(&batch)?;
        if self.shared.under_way().contains(&batch.id) {
            tracing::error!(batch = batch.id, "batch is under way already, dropped");
            return Ok(());
        }
        let admission = self.stop.run_until_cancelled(self.admit(bytes_of(&batch))).await;
        let (place, room) = admission.ok_or(SubmitError::ShutDown)??;
        if self.shared.under_way().insert(batch.id.clone()) {
            self.shared.outstanding.send_modify(|count| *count += 1);
            place.send(Admitted { batch, room });
        } else {
            tracing::error!(batch = batch.id, "batch is under way already, dropped");
        }
        Ok(())
    }

    /// A place in line, and room for so many bytes.
    async fn admit(
        &self,
        bytes: usize,
    ) -> Result<(mpsc::Permit<'_, Admitted>, OwnedSemaphorePermit), SubmitError> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(self.max_bytes);
        let place = self.batches.reserve().await.map_err(|_| SubmitError::ShutDown)?;
        let room =
            Arc::clone(&self.room).acquire_many_owned(bytes).await.map_err(|_| SubmitError::ShutDown)?;
        Ok((place, room))
    }

    /// Waits until everything submitted is confirmed and its callbacks have run. That may take as long
    /// as the broker is away or its queue is full.
    pub async fn drain(&self) {
        // The sender is part of `self`, so this cannot fail.
        let _ = self.shared.outstanding.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Takes no more batches, neither later ones nor those that wait for a place in line; drains, then
    /// closes the connection. To stop without patience, drop the publisher.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        let mut tasks = self.tasks.lock().await;
        while tasks.join_next().await.is_some() {}
    }
}

fn bytes_of(batch: &Batch) -> usize {
    batch.messages.iter().map(|message| message.body.len()).sum()
}
