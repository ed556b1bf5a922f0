//! Ways to reach a broker.
//!
//! [`Publisher`](crate::Publisher) and [`Consumer`](crate::Consumer) work over the small traits of this
//! module and do not know which implementation they use: `amqp` talks to RabbitMQ, [`in_process`] is
//! a broker inside the program with the same rules.

pub(crate) mod amqp;
pub mod in_process;

use crate::{Delivery, Outgoing};
use std::sync::Arc;

/// Which broker to use.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A RabbitMQ server.
    Amqp(BrokerConfig),
    /// A broker inside this program.
    InProcess(in_process::Broker),
}

/// How to reach a RabbitMQ server; no TLS.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerConfig {
    /// Name or address of the machine.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name to log in with.
    pub username: String,
    /// Password of that name.
    pub password: String,
    /// Virtual host; all daemons of one deployment share it.
    pub virtual_host: String,
}

impl Default for BrokerConfig {
    /// A server on this machine as it comes out of the box.
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 5672,
            username: "guest".to_owned(),
            password: "guest".to_owned(),
            virtual_host: "/".to_owned(),
        }
    }
}

impl std::fmt::Debug for BrokerConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, username, password: _, virtual_host } = self;
        write!(formatter, "BrokerConfig({username}@{host}:{port}, virtual host {virtual_host})")
    }
}

/// Why a connection could not be made or is no more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error(transparent)]
    Amqp(#[from] lapin::Error),
    #[error("no answer from the broker within {0} seconds")]
    Silent(u64),
    #[error("the broker closed the connection")]
    Closed,
    #[error("there is no such queue")]
    NoQueue,
}

impl LinkError {
    /// Whether only one queue is concerned and the connection goes on.
    pub(crate) fn leaves_connection(&self) -> bool {
        match self {
            Self::Amqp(error) => error.is_amqp_soft_error(),
            Self::NoQueue => true,
            Self::Silent(_) | Self::Closed => false,
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

    fn open_consuming(&self) -> impl Future<Output = Result<Self::Consuming, LinkError>> + Send;
}

/// A connection that publishes to one queue.
pub(crate) trait Publish: Send {
    /// Hands a message to the broker, without waiting.
    fn send(&mut self, message: &Arc<Outgoing>);

    /// What became of the oldest message whose outcome was not told yet. With nothing in transit it
    /// only ends when the connection does. Losing the future loses nothing.
    fn outcome(&mut self) -> impl Future<Output = Result<Outcome, LinkError>> + Send;

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

    /// Tells the broker that a message is done with, and with `multiple` all unsettled before it.
    fn acknowledge(&mut self, tag: u64, multiple: bool)
    -> impl Future<Output = Result<(), LinkError>> + Send;

    /// Tells the broker to drop a message.
    fn reject(&mut self, tag: u64) -> impl Future<Output = Result<(), LinkError>> + Send;

    fn close(self) -> impl Future<Output = ()> + Send;
}
