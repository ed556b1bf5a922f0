//! Publishing with confirms.

use std::{
    collections::VecDeque,
    future::{poll_fn, ready},
    sync::Arc,
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection,
    options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use tokio::time::{Instant, sleep_until};

use super::{
    frames::TYPE_HEADER,
    session::{Session, is_not_found, is_precondition_failed},
};
use crate::{
    publisher::batch::Outgoing,
    transport::{
        config::BrokerConfig,
        link::{LinkError, Outcome, Publish},
    },
};

/// Delivery mode of messages that survive the broker's restart.
pub(crate) const PERSISTENT: u8 = 2;
pub(crate) const TO_BE_RETURNED: BasicPublishOptions =
    BasicPublishOptions { mandatory: true, immediate: false };

/// Until RabbitMQ (3.10, with Mnesia) has surely written that a queue exists: its log keeps the last
/// records for up to two seconds in memory, the one that makes a declaration valid among them. A server
/// killed before that comes back without the queue, and without the messages it had confirmed.
pub(crate) const NEW_QUEUE_REST: Duration = Duration::from_millis(2500);

/// A channel in confirm mode.
pub(crate) struct Publishing {
    session: Session,
    channel: Channel,
    queue: ShortString,
    /// In the order of sending.
    transit: VecDeque<BoxFuture<'static, lapin::Result<Confirmation>>>,
    /// How long the broker may leave all messages in transit without an outcome.
    silence: Duration,
    /// When it last gave one, or had none to give.
    heard: Instant,
}

impl Publishing {
    pub(super) async fn open(config: &BrokerConfig, queue: &str, length: u32) -> Result<Self, LinkError> {
        let session = Session::open(config, None).await?;
        let known = exists(&session.connection, queue).await?;
        let channel = session.connection.create_channel().await?;
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(queue.into(), durable, queue_arguments(length)).await?;
        if !known {
            tokio::time::sleep(NEW_QUEUE_REST).await;
        }
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let (silence, heard) = (config.silence, Instant::now());
        Ok(Self { session, channel, queue: queue.into(), transit: VecDeque::new(), silence, heard })
    }
}

/// Whether there is such a queue. Uses a channel of its own, which a missing queue costs.
pub(crate) async fn exists(connection: &Connection, queue: &str) -> Result<bool, LinkError> {
    let channel = connection.create_channel().await?;
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    match channel.queue_declare(queue.into(), passive, FieldTable::default()).await {
        Ok(_) => {
            channel.close(200, "done".into()).await?;
            Ok(true)
        }
        Err(error) if is_not_found(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl Publish for Publishing {
    fn send(&mut self, message: &Arc<Outgoing>) {
        let (channel, queue, message) = (self.channel.clone(), self.queue.clone(), Arc::clone(message));
        let mut publish = async move {
            let properties = properties(message.type_name);
            let sent = channel.basic_publish("".into(), queue, TO_BE_RETURNED, &message.body, properties);
            sent.await?.await
        }
        .boxed();
        if self.transit.is_empty() {
            self.heard = Instant::now();
        }
        // The first poll puts the message in line for the socket, and so keeps the order of sending;
        // what comes later is awaited when the turn of its outcome comes.
        let settled = (&mut publish).now_or_never();
        self.transit.push_back(settled.map_or(publish, |result| ready(result).boxed()));
    }

    async fn outcome(&mut self) -> Result<Outcome, LinkError> {
        let confirmation = loop {
            let Some(oldest) = self.transit.front_mut() else { return Err(self.session.lost().await) };
            // A broker that is short of memory or disk says so, and then may take as long as it needs.
            let may_be_silent = self.session.blocked;
            let deadline = self.heard + self.silence;
            tokio::select! {
                biased;
                confirmation = poll_fn(|context| oldest.poll_unpin(context)) => break confirmation,
                news = self.session.news() => {
                    news?;
                    self.heard = Instant::now();
                }
                () = sleep_until(deadline), if !may_be_silent => return Err(LinkError::Silent(self.silence.as_secs())),
            }
        };
        self.transit.pop_front();
        self.heard = Instant::now();
        match confirmation {
            Ok(Confirmation::Ack(None)) => Ok(Outcome::Confirmed),
            // A returned message is confirmed as well, but it is nowhere.
            Ok(Confirmation::Ack(Some(_))) => Ok(Outcome::Unroutable),
            // A channel that does not confirm promises nothing; ours always does.
            Ok(Confirmation::Nack(_) | Confirmation::NotRequested) => Ok(Outcome::Refused),
            Err(error) if is_precondition_failed(&error) => Err(LinkError::TooLarge),
            Err(error) => Err(error.into()),
        }
    }

    fn is_blocked(&self) -> bool {
        self.session.blocked
    }

    async fn close(self) {
        self.session.close().await;
    }
}

/// The attributes every program that declares one of the queues must use.
pub(crate) fn queue_arguments(length: u32) -> FieldTable {
    let length =
        i32::try_from(length).map_or_else(|_| AMQPValue::LongLongInt(length.into()), AMQPValue::LongInt);
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), length);
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    arguments
}

fn properties(type_name: &str) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert(TYPE_HEADER.into(), AMQPValue::LongString(type_name.into()));
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_content_encoding("UTF-8".into())
        .with_delivery_mode(PERSISTENT)
        .with_priority(0)
        .with_headers(headers)
}
