//! Publishing to an exchange whose queues belong to other programs.
//!
//! [`Publisher`](crate::Publisher) fills one queue that it declares, in batches, in the background. This is the simpler
//! case: the caller keeps what it sends (in a table), submits a few messages in order and gets back which of them the
//! broker keeps. The receivers are not known, so a message that goes to no queue is not an error.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::future::join_all;
use lapin::{
    BasicProperties, Channel, Confirmation, ExchangeKind,
    options::{
        BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions,
        QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use tokio::time::timeout;

use crate::transport::{
    BrokerConfig,
    amqp::{
        publish::PERSISTENT,
        session::{Session, patiently},
    },
    link::LinkError,
};

/// The broker cannot be reached, refuses, or went away.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BrokerError(String);

impl BrokerError {
    /// Of something else that makes a connection useless; the text must not hold patient data.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<LinkError> for BrokerError {
    fn from(error: LinkError) -> Self {
        Self(error.to_string())
    }
}

impl From<lapin::Error> for BrokerError {
    fn from(error: lapin::Error) -> Self {
        LinkError::Amqp(error).into()
    }
}

/// How an exchange hands on messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// To queues whose pattern fits the routing key.
    Topic,
    /// To every queue that is bound.
    Fanout,
}

/// A durable queue behind a fan-out exchange.
#[derive(Debug, Clone)]
pub struct BoundQueue {
    /// Its name.
    pub name: &'static str,
    /// The exchange that it is bound to.
    pub exchange: &'static str,
    /// `x-message-ttl`: how long a message stays before it is moved on.
    pub message_ttl: Option<Duration>,
    /// `x-dead-letter-exchange`: where it is moved to.
    pub dead_letter_exchange: Option<&'static str>,
    /// `x-queue-mode`.
    pub mode: Option<&'static str>,
}

/// Durable exchanges and queues, declared with every connection. What is there already must be the same.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    /// Name and kind.
    pub exchanges: Vec<(&'static str, Exchange)>,
    /// Queues and what they are bound to.
    pub queues: Vec<BoundQueue>,
}

/// A message for an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeMessage {
    /// Names the request that it belongs to, for the receiver.
    pub correlation_id: String,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Text headers.
    pub headers: Vec<(&'static str, &'static str)>,
    /// What it says.
    pub body: Vec<u8>,
}

/// A connection that publishes to exchanges with confirms.
#[derive(Debug)]
pub struct ExchangePublisher {
    session: Session,
    channel: Channel,
    silence: Duration,
}

impl ExchangePublisher {
    /// Connects and declares what is to be there.
    ///
    /// # Errors
    /// When the broker cannot be reached within a few seconds, or has something of these names that is different.
    pub async fn connect(config: &BrokerConfig, topology: &Topology) -> Result<Self, BrokerError> {
        Ok(patiently(Self::open(config, topology)).await?)
    }

    async fn open(config: &BrokerConfig, topology: &Topology) -> Result<Self, LinkError> {
        let session = Session::open(config, None).await?;
        let channel = session.connection.create_channel().await?;
        for (name, kind) in &topology.exchanges {
            let kind = match kind {
                Exchange::Topic => ExchangeKind::Topic,
                Exchange::Fanout => ExchangeKind::Fanout,
            };
            let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
            channel.exchange_declare((*name).into(), kind, durable, FieldTable::default()).await?;
        }
        for queue in &topology.queues {
            let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
            channel.queue_declare(queue.name.into(), durable, arguments(queue)).await?;
            let binding = QueueBindOptions::default();
            let bound = channel.queue_bind(
                queue.name.into(),
                queue.exchange.into(),
                "".into(),
                binding,
                FieldTable::default(),
            );
            bound.await?;
        }
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { session, channel, silence: config.silence })
    }

    /// Sends messages in order and waits for the broker's confirms. Gives how many of them, counted from the first, the
    /// broker keeps; those behind may or may not be kept.
    ///
    /// With an error the connection is of no use any more.
    pub async fn publish(
        &mut self,
        (exchange, routing_key): (&str, &str),
        messages: &[Arc<ExchangeMessage>],
    ) -> (usize, Option<BrokerError>) {
        let mut sent = VecDeque::with_capacity(messages.len());
        for message in messages {
            let options = BasicPublishOptions::default();
            let publish = self.channel.basic_publish(
                exchange.into(),
                routing_key.into(),
                options,
                &message.body,
                properties(message),
            );
            match publish.await {
                Ok(confirm) => sent.push_back(confirm),
                Err(error) => return (0, Some(error.into())),
            }
        }
        // A broker that is short of memory or disk may take as long as it needs; the caller waits in any case.
        let Ok(outcomes) = timeout(self.silence, join_all(sent)).await else {
            return (0, Some(LinkError::Silent(self.silence.as_secs()).into()));
        };
        let mut kept = 0;
        for outcome in outcomes {
            match outcome {
                Ok(Confirmation::Ack(_)) => kept += 1,
                Ok(Confirmation::Nack(_) | Confirmation::NotRequested) => {
                    return (kept, Some(BrokerError("the broker refused a message".to_owned())));
                }
                Err(error) => return (kept, Some(error.into())),
            }
        }
        (kept, None)
    }

    /// Ends when the connection does.
    pub async fn lost(&mut self) -> BrokerError {
        self.session.lost().await.into()
    }

    /// Closes the connection in order.
    pub async fn close(self) {
        self.session.close().await;
    }
}

fn arguments(queue: &BoundQueue) -> FieldTable {
    let mut arguments = FieldTable::default();
    if let Some(ttl) = queue.message_ttl {
        let milliseconds = i32::try_from(ttl.as_millis()).unwrap_or(i32::MAX);
        arguments.insert("x-message-ttl".into(), AMQPValue::LongInt(milliseconds));
    }
    if let Some(exchange) = queue.dead_letter_exchange {
        arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString(exchange.into()));
    }
    if let Some(mode) = queue.mode {
        arguments.insert("x-queue-mode".into(), AMQPValue::LongString(mode.into()));
    }
    arguments
}

fn properties(message: &ExchangeMessage) -> BasicProperties {
    let mut headers = FieldTable::default();
    for (name, value) in &message.headers {
        headers.insert((*name).into(), AMQPValue::LongString((*value).into()));
    }
    // A short text of AMQP has at most 255 bytes.
    let mut end = message.correlation_id.len().min(255);
    while !message.correlation_id.is_char_boundary(end) {
        end -= 1;
    }
    BasicProperties::default()
        .with_content_type("application/text".into())
        .with_content_encoding("utf-8".into())
        .with_delivery_mode(PERSISTENT)
        .with_priority(0)
        .with_timestamp(message.timestamp)
        .with_correlation_id(message.correlation_id[..end].into())
        .with_headers(headers)
}
