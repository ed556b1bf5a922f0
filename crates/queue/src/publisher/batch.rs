//! What is published.

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
    /// It is larger than [`max_message_bytes`](crate::PublisherSettings::max_message_bytes).
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
