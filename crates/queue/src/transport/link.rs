//! What an implementation of a transport offers: connections that publish, and connections that consume.

use std::sync::Arc;

use crate::{byte_budget::ByteBudget, consumer::delivery::Delivery, publisher::batch::Outgoing};

/// Why a connection could not be made or is no more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error(transparent)]
    Amqp(#[from] lapin::Error),
    #[error("cannot reach the broker: {0}")]
    Network(#[from] std::io::Error),
    #[error("TLS: {0}")]
    Tls(String),
    #[error("the broker does not take a message of this size")]
    TooLarge,
    #[error("no answer from the broker within {0} seconds")]
    Silent(u64),
    #[error("the broker closed the connection")]
    Closed,
    #[error("there is no such queue")]
    NoQueue,
    #[error("{0}")]
    Unable(&'static str),
}

impl LinkError {
    /// Whether only one queue is concerned and the connection goes on.
    pub(crate) fn leaves_connection(&self) -> bool {
        match self {
            Self::Amqp(error) => error.is_amqp_soft_error(),
            Self::NoQueue => true,
            Self::Network(_)
            | Self::Tls(_)
            | Self::TooLarge
            | Self::Silent(_)
            | Self::Closed
            | Self::Unable(_) => false,
        }
    }
}

/// What became of a published message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The broker keeps it.
    Confirmed,
    /// The queue is full.
    Refused,
    /// There is no such queue.
    Unroutable,
}

/// Opens connections.
pub(crate) trait Connector: Clone + Send + Sync + 'static {
    type Publishing: Publish;
    type Consuming: Consume;

    /// Connects and declares the queue, which then keeps at most `length` messages and refuses more.
    fn open_publishing(
        &self,
        queue: &str,
        length: u32,
    ) -> impl Future<Output = Result<Self::Publishing, LinkError>> + Send;

    /// Connects. `budget` is charged with each message that is on its way here; while it is used up, none is begun.
    fn open_consuming(
        &self,
        budget: Arc<ByteBudget>,
    ) -> impl Future<Output = Result<Self::Consuming, LinkError>> + Send;
}

/// A connection that publishes to one queue.
pub(crate) trait Publish: Send {
    /// Hands a message to the broker, without waiting.
    fn send(&mut self, message: &Arc<Outgoing>);

    /// What became of the oldest message whose outcome was not reported yet. With nothing in transit it
    /// only ends when the connection does. Losing the future loses nothing.
    fn outcome(&mut self) -> impl Future<Output = Result<Outcome, LinkError>> + Send;

    /// Whether the broker has said that it takes nothing at present.
    fn is_blocked(&self) -> bool;

    fn close(self) -> impl Future<Output = ()> + Send;
}

/// A connection that consumes.
pub(crate) trait Consume: Send {
    type Tap: Tap;

    /// Starts to consume a queue. At most `prefetch` messages are on their way or unsettled at a time; 0
    /// means no limit. A queue that does not exist or refuses us [leaves the
    /// connection](LinkError::leaves_connection).
    fn open(
        &mut self,
        queue: &str,
        prefetch: u16,
    ) -> impl Future<Output = Result<Self::Tap, LinkError>> + Send;

    /// Ends when the connection does.
    fn lost(&mut self) -> impl Future<Output = LinkError> + Send;

    fn close(self) -> impl Future<Output = ()> + Send;
}

/// The messages of one queue. Tags count from 1 without gaps.
pub(crate) trait Tap: Send + 'static {
    /// The next message with its tag; `None` when no more can come. Losing the future loses nothing.
    fn next(&mut self) -> impl Future<Output = Option<(u64, Delivery)>> + Send;

    /// Acknowledges a message, and with `multiple` all unsettled ones before it.
    fn acknowledge(&mut self, tag: u64, multiple: bool)
    -> impl Future<Output = Result<(), LinkError>> + Send;

    /// Has the broker drop a message.
    fn reject(&mut self, tag: u64) -> impl Future<Output = Result<(), LinkError>> + Send;

    fn close(self) -> impl Future<Output = ()> + Send;
}
