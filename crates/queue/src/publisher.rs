//! Fills one queue: batches of messages in, a callback for each once the broker keeps all of it.
//!
//! Sending is pipelined: up to [`PublisherSettings::max_in_transit`] messages may be unconfirmed. As
//! long as the broker refuses nothing, the order on the queue is the order of submission; after a
//! refusal up to that many messages may change places among each other. A lost connection is made anew
//! and everything unconfirmed is sent again in order, so a message may arrive twice but never not at all.

mod ledger;
mod submit;
#[cfg(test)]
mod tests;
mod worker;

pub use self::submit::SubmitError;

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Transport,
    transport::{Connector, amqp::Amqp},
};

/// Messages a queue holds before the broker refuses more, unless a site says otherwise.
pub const DEFAULT_QUEUE_LENGTH: u32 = 100_000;

/// The largest message that is sent, unless a site says otherwise: 16 MiB, which RabbitMQ takes as it comes.
pub const DEFAULT_MAX_MESSAGE_BYTES: usize = 16 << 20;

/// Messages that belong together: their sender learns when all of them are safe.
pub struct Batch {
    /// Names the batch; no colon. While a batch of this name is under way another one is not taken.
    pub id: String,
    /// In the order of sending; at least one.
    pub messages: Vec<Outgoing>,
    /// Runs once, when every message of this batch and of all batches before it is confirmed by the broker or given
    /// up; with those of this batch that were given up. It must not block: others wait behind it.
    pub on_confirmed: Box<dyn FnOnce(Vec<GivenUp>) + Send>,
}

/// A message that no broker will ever take, and that nothing behind it waits for any longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// Which message of its batch.
    pub correlation_id: String,
    /// Bytes of its body.
    pub bytes: usize,
    /// Why.
    pub reason: GivenUpReason,
}

/// Why a message was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GivenUpReason {
    /// It is larger than [`PublisherSettings::max_message_bytes`].
    #[error("the message is larger than RABBITMQ_MAX_MESSAGE_BYTES allows")]
    AboveOurLimit,
    /// The broker's own limit (`max_message_size`) is lower than ours.
    #[error("the message is larger than the broker takes (its max_message_size)")]
    AboveBrokersLimit,
}

/// One message on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Names the message in logs; no colon, unique in its batch.
    pub correlation_id: String,
    /// Full class name of the message; goes into a header.
    pub type_name: &'static str,
    /// The message as JSON.
    pub body: Vec<u8>,
}

/// How a publisher works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublisherSettings {
    /// The queue to declare and fill.
    pub queue: String,
    /// Messages the queue holds before the broker refuses more. Must be the same for every program
    /// that declares the queue.
    pub queue_length: u32,
    /// Batches that wait before `submit` blocks.
    pub max_batches: usize,
    /// Messages that may be unconfirmed at a time. With 1 the order is kept even after refusals.
    pub max_in_transit: usize,
    /// Bytes of messages that may be submitted and unconfirmed; `submit` blocks beyond that. One batch may exceed it.
    pub max_bytes: usize,
    /// The largest body that is sent; a larger one is given up.
    pub max_message_bytes: usize,
    /// First pause after a refusal; each further one is twice as long.
    pub retry_initial: Duration,
    /// Longest pause after a refusal.
    pub retry_maximum: Duration,
}

impl Default for PublisherSettings {
    fn default() -> Self {
        Self {
            queue: String::new(),
            queue_length: DEFAULT_QUEUE_LENGTH,
            max_batches: 5,
            max_in_transit: 1000,
            max_bytes: 32 << 20,
            max_message_bytes: DEFAULT_MAX_MESSAGE_BYTES,
            retry_initial: Duration::from_secs(1),
            retry_maximum: Duration::from_secs(600),
        }
    }
}

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

/// A batch and its share of the bytes that may be under way.
struct Admitted {
    batch: Batch,
    room: OwnedSemaphorePermit,
}

/// What the publisher's handle and its tasks both see.
struct Shared {
    connected: AtomicBool,
    held_back: AtomicBool,
    /// Ids of batches that are waiting or under way.
    under_way: Mutex<HashSet<String>>,
    /// Batches whose callback has not run yet.
    outstanding: watch::Sender<usize>,
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
        // The sender lives as long as `self`, so this cannot fail.
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

impl Shared {
    fn under_way(&self) -> MutexGuard<'_, HashSet<String>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
