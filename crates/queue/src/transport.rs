//! Ways to reach a broker.
//!
//! [`Publisher`](crate::Publisher) and [`Consumer`](crate::Consumer) work over the small traits of this
//! module and do not know which implementation they use: `amqp` talks to RabbitMQ, [`in_process`] is
//! a broker inside the program with the same rules.

pub(crate) mod amqp;
pub mod in_process;

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{Delivery, Outgoing, byte_budget::ByteBudget};

/// Which broker to use.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A RabbitMQ server.
    Amqp(BrokerConfig),
    /// A broker inside this program.
    InProcess(in_process::Broker),
}

/// How to reach a RabbitMQ server.
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
    /// TLS; `None` for none.
    pub tls: Option<BrokerTls>,
    /// How long the broker may be silent before the connection counts as lost. It sends a sign of life several times
    /// in that time.
    pub silence: Duration,
}

/// How the broker proves who it is, and how we do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerTls {
    /// Certificates of the authorities that may vouch for the broker (PEM); `None` for those of the system.
    pub ca_file: Option<PathBuf>,
    /// Our own certificate, for brokers that ask for one.
    pub client_certificate: Option<ClientCertificate>,
    /// Whether the certificate must name the host that is connected to.
    pub verify_host_name: bool,
    /// Whether the certificate is checked at all.
    pub verify_certificate: bool,
}

impl Default for BrokerTls {
    /// Everything is checked, against the authorities of the system.
    fn default() -> Self {
        Self { ca_file: None, client_certificate: None, verify_host_name: true, verify_certificate: true }
    }
}

/// A certificate and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, and those that lead from it to its authority (PEM).
    pub certificate_file: PathBuf,
    /// Its private key (PEM: PKCS #8, PKCS #1 or SEC 1, not encrypted).
    pub key_file: PathBuf,
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
            tls: None,
            silence: Duration::from_secs(40),
        }
    }
}

impl std::fmt::Debug for BrokerConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, username, password: _, virtual_host, tls, silence: _ } = self;
        let tls = if tls.is_some() { ", TLS" } else { "" };
        write!(formatter, "BrokerConfig({username}@{host}:{port}, virtual host {virtual_host}{tls})")
    }
}

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
}

impl LinkError {
    /// Whether only one queue is concerned and the connection goes on.
    pub(crate) fn leaves_connection(&self) -> bool {
        match self {
            Self::Amqp(error) => error.is_amqp_soft_error(),
            Self::NoQueue => true,
            Self::Network(_) | Self::Tls(_) | Self::TooLarge | Self::Silent(_) | Self::Closed => false,
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

    /// Tells the broker that a message is done with, and with `multiple` all unsettled before it.
    fn acknowledge(&mut self, tag: u64, multiple: bool)
    -> impl Future<Output = Result<(), LinkError>> + Send;

    /// Tells the broker to drop a message.
    fn reject(&mut self, tag: u64) -> impl Future<Output = Result<(), LinkError>> + Send;

    fn close(self) -> impl Future<Output = ()> + Send;
}
