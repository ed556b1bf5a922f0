//! Hands messages of some queues on to an exchange, in order, for one program at a time.
//!
//! Taking and sending go over one channel. So when a program is given up, the broker first has all that it sent, and only
//! then gives what it had not settled to the next: a message may come twice, but never behind one that it went before.

use std::{
    future::{poll_fn, ready},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesOrdered};
use lapin::{
    BasicProperties, Channel, Confirmation,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, ConfirmSelectOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use metrics::Counter;
use tokio::time::{Instant, sleep_until};

use crate::{
    byte_budget::ByteBudget,
    consumer::delivery::Delivery,
    exchange::BrokerError,
    transport::{
        BrokerConfig,
        amqp::{
            consume::delivery,
            frames::{ORIGIN_HEADER, TYPE_HEADER},
            publish::{PERSISTENT, TO_BE_RETURNED},
            session::{Session, is_in_use, patiently},
        },
        link::LinkError,
    },
};

/// Messages of one queue that may be here and not settled.
const PREFETCH: u16 = 500;
/// Messages that may be sent and not confirmed.
const MAX_IN_TRANSIT: usize = 500;
/// Bytes of messages that may be here and not yet sent. One message may go beyond it.
const MAX_BYTES: usize = 8 << 20;
/// Bytes of a routing key; a short text of AMQP has at most 255.
const LONGEST_KEY: usize = 255;

/// What came of the attempt to be the one program.
#[derive(Debug)]
pub enum Opened {
    /// It is us, as long as the connection lives.
    Ours(Box<Relay>),
    /// Another program takes messages from this queue.
    Taken(String),
}

/// A connection that takes messages from queues, nobody else doing so, and sends them on.
pub struct Relay {
    session: Session,
    channel: Channel,
    /// The most preferred first.
    sources: Vec<Source>,
    /// In the order of sending.
    transit: FuturesOrdered<BoxFuture<'static, Result<Sent, LinkError>>>,
    budget: Arc<ByteBudget>,
    /// How long the broker may leave all messages in transit without an outcome.
    silence: Duration,
    /// When it last gave one, or had none to give.
    heard: Instant,
}

/// A queue that messages are taken from.
struct Source {
    queue: Arc<str>,
    /// Its place in the order of preference.
    rank: usize,
    consumer: lapin::Consumer,
    acknowledged: Counter,
}

/// A message that was taken.
#[derive(Debug)]
pub struct Taken {
    /// Where from.
    pub queue: Arc<str>,
    /// The message.
    pub delivery: Delivery,
    tag: u64,
    acknowledged: Counter,
}

/// A message whose copy the broker keeps.
struct Sent {
    tag: u64,
    acknowledged: Counter,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let queues: Vec<_> = self.sources.iter().map(|source| &source.queue).collect();
        formatter.debug_struct("Relay").field("queues", &queues).finish_non_exhaustive()
    }
}

impl Relay {
    /// Connects and takes the queues of these that have names, all of which must exist, for itself: each with its place
    /// in the order of preference, the most preferred first.
    ///
    /// # Errors
    /// When the broker cannot be reached within some seconds, or refuses.
    pub async fn open(config: &BrokerConfig, queues: &[(usize, String)]) -> Result<Opened, BrokerError> {
        let opening = async {
            let budget = Arc::new(ByteBudget::new(MAX_BYTES));
            let session = Session::open(config, Some(Arc::clone(&budget))).await?;
            let channel = session.connection.create_channel().await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
            let (transit, silence, heard) = (FuturesOrdered::new(), config.silence, Instant::now());
            let mut relay = Self { session, channel, sources: Vec::new(), transit, budget, silence, heard };
            for (rank, queue) in queues {
                match relay.consume(*rank, queue).await {
                    Ok(()) => {}
                    Err(LinkError::Amqp(error)) if is_in_use(&error) => {
                        relay.session.close().await;
                        return Ok(Opened::Taken(queue.clone()));
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(Opened::Ours(Box::new(relay)))
        };
        Ok(patiently(opening).await?)
    }

    /// Takes messages from another queue too, which must exist.
    ///
    /// # Errors
    /// When the broker refuses, as when another program takes messages from it; then this connection is of no use any
    /// more.
    pub async fn add(&mut self, rank: usize, queue: &str) -> Result<(), BrokerError> {
        Ok(patiently(self.consume(rank, queue)).await?)
    }

    async fn consume(&mut self, rank: usize, queue: &str) -> Result<(), LinkError> {
        let options = BasicConsumeOptions { exclusive: true, ..BasicConsumeOptions::default() };
        let consumed = self.channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        let consumer = consumed.await?;
        let acknowledged = metrics::counter!("emap_consumer_acknowledged_total", "queue" => queue.to_owned());
        self.sources.push(Source { queue: queue.into(), rank, consumer, acknowledged });
        self.sources.sort_by_key(|source| source.rank);
        Ok(())
    }

    /// Whether messages are taken from the queue.
    pub fn has(&self, queue: &str) -> bool {
        self.sources.iter().any(|source| *source.queue == *queue)
    }

    /// The next message, of the most preferred queue that has one; waits while too many are on their way. Meanwhile it
    /// settles those whose copies the broker keeps. Losing the future loses nothing.
    ///
    /// # Errors
    /// When the connection is lost, a queue is gone, or the broker keeps no copy of a message. What is not settled then
    /// will be delivered again.
    pub async fn next(&mut self) -> Result<Taken, BrokerError> {
        loop {
            let may_take = self.transit.len() < MAX_IN_TRANSIT;
            let sources = &mut self.sources;
            let may_be_silent = self.session.blocked || self.transit.is_empty();
            let sent = tokio::select! {
                biased;
                Some(sent) = self.transit.next() => sent,
                taken = most_preferred(sources), if may_take => {
                    if self.transit.is_empty() {
                        self.heard = Instant::now();
                    }
                    return Ok(taken?);
                }
                news = self.session.news() => {
                    news?;
                    self.heard = Instant::now();
                    continue;
                }
                () = sleep_until(self.heard + self.silence), if !may_be_silent => {
                    return Err(LinkError::Silent(self.silence.as_secs()).into());
                }
            };
            self.settle(&sent?)?;
        }
    }

    /// Takes nothing for a while, and settles what was sent.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn pause(&mut self, time: Duration) -> Result<(), BrokerError> {
        let end = Instant::now() + time;
        loop {
            let sent = tokio::select! {
                biased;
                Some(sent) = self.transit.next() => sent,
                news = self.session.news() => {
                    news?;
                    continue;
                }
                () = sleep_until(end) => break,
            };
            self.settle(&sent?)?;
        }
        // Outcomes may wait behind messages that were not taken meanwhile.
        self.heard = Instant::now();
        Ok(())
    }

    /// Sends a message to an exchange, as it came but for the header with its queue. It is settled when the broker keeps
    /// the copy, and those before it.
    pub fn send(&mut self, exchange: &str, key: &str, message: Taken) {
        let (channel, budget) = (self.channel.clone(), Arc::clone(&self.budget));
        let (exchange, key) = (ShortString::from(exchange), ShortString::from(shortened(key)));
        let mut publish = async move {
            let Taken { queue, delivery, tag, acknowledged } = message;
            let properties = properties(&queue, &delivery);
            let sent = channel.basic_publish(exchange, key, TO_BE_RETURNED, &delivery.body, properties).await;
            // From here on the message must not count: its outcome comes behind other messages on the same connection.
            budget.release(delivery.body.len());
            match sent?.await? {
                Confirmation::Ack(None) => Ok(Sent { tag, acknowledged }),
                // A returned message is confirmed as well, but it is nowhere.
                Confirmation::Ack(Some(_)) => Err(LinkError::NoQueue),
                Confirmation::Nack(_) | Confirmation::NotRequested => {
                    Err(LinkError::Unable("the broker keeps no copy of a message"))
                }
            }
        }
        .boxed();
        // The first poll puts the message in line for the socket, and so keeps the order.
        let settled = (&mut publish).now_or_never();
        self.transit.push_back(settled.map_or(publish, |result| ready(result).boxed()));
    }

    /// Acknowledges a message, and those behind it whose outcomes are there already. Waits for nothing, so that nothing
    /// is lost with the future of whoever waits here.
    fn settle(&mut self, first: &Sent) -> Result<(), LinkError> {
        self.acknowledge(first)?;
        while let Some(Some(sent)) = self.transit.next().now_or_never() {
            self.acknowledge(&sent?)?;
        }
        self.heard = Instant::now();
        Ok(())
    }

    fn acknowledge(&self, sent: &Sent) -> Result<(), LinkError> {
        sent.acknowledged.increment(1);
        // The first poll puts it in line for the socket; that it does not get there, the connection's end will show.
        match self.channel.basic_ack(sent.tag, BasicAckOptions::default()).now_or_never() {
            Some(Err(error)) => Err(error.into()),
            Some(Ok(())) | None => Ok(()),
        }
    }

    /// Settles what was sent as far as the broker answers soon, and closes the connection.
    pub async fn close(mut self) {
        self.budget.lift();
        let rest = async {
            while let Some(Ok(sent)) = self.transit.next().await {
                if self.settle(&sent).is_err() {
                    break;
                }
            }
            Ok(())
        };
        let _ = patiently(rest).await;
        self.session.close().await;
    }
}

async fn most_preferred(sources: &mut [Source]) -> Result<Taken, LinkError> {
    poll_fn(|context| {
        for source in &mut *sources {
            match source.consumer.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(received))) => {
                    return Poll::Ready(Ok(Taken {
                        queue: Arc::clone(&source.queue),
                        tag: received.delivery_tag,
                        delivery: delivery(received),
                        acknowledged: source.acknowledged.clone(),
                    }));
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error.into())),
                Poll::Ready(None) => return Poll::Ready(Err(LinkError::NoQueue)),
                Poll::Pending => {}
            }
        }
        Poll::Pending
    })
    .await
}

/// A text is as good a key as its beginning: one that is cut is cut in the same way every time.
fn shortened(key: &str) -> &str {
    let mut end = key.len().min(LONGEST_KEY);
    while !key.is_char_boundary(end) {
        end -= 1;
    }
    &key[..end]
}

fn properties(queue: &str, delivery: &Delivery) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert(ORIGIN_HEADER.into(), AMQPValue::LongString(queue.into()));
    if let Some(class) = &delivery.type_header {
        headers.insert(TYPE_HEADER.into(), AMQPValue::LongString(class.as_str().into()));
    }
    let mut properties = BasicProperties::default().with_delivery_mode(PERSISTENT).with_headers(headers);
    if let Some(content_type) = &delivery.content_type {
        properties = properties.with_content_type(content_type.as_str().into());
    }
    if let Some(encoding) = &delivery.content_encoding {
        properties = properties.with_content_encoding(encoding.as_str().into());
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_key_is_cut_between_characters() {
        assert_eq!(shortened("40800000"), "40800000");
        assert_eq!(shortened(&"x".repeat(300)).len(), 255);
        let wide = "é".repeat(200);
        assert_eq!(shortened(&wide).len(), 254);
    }
}
