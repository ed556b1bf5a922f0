//! How a publisher works.

use std::time::Duration;

/// Messages a queue holds before the broker refuses more, unless a site says otherwise.
pub const DEFAULT_QUEUE_LENGTH: u32 = 100_000;

/// The largest message that is sent, unless a site says otherwise: 16 MiB, which RabbitMQ takes as it comes.
pub const DEFAULT_MAX_MESSAGE_BYTES: usize = 16 << 20;

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
