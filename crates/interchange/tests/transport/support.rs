//! What the tests of this program have in common.

use emap_interchange::{
    Batch, BrokerConfig, Consumer, ConsumerSettings, Delivered, Outgoing, Publisher, PublisherSettings,
    Transport,
};
use emap_local_services::rabbitmq;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Longest wait for anything that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How long a batch waits for company.
pub(crate) const SHORTLY: Duration = Duration::from_millis(20);

/// A queue name no other test uses.
pub(crate) fn fresh_queue(what: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{what}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn settings(queue: &str) -> PublisherSettings {
    PublisherSettings {
        queue: queue.to_owned(),
        retry_initial: Duration::from_millis(20),
        retry_maximum: Duration::from_millis(200),
        ..PublisherSettings::default()
    }
}

pub(crate) fn consumer(transport: &Transport, queues: &[&str]) -> Consumer {
    let queues = queues.iter().map(|&queue| queue.to_owned()).collect();
    Consumer::start(transport.clone(), ConsumerSettings { queues, prefetch: 100 })
}

pub(crate) fn config(server: &rabbitmq::Server) -> BrokerConfig {
    BrokerConfig { host: server.host().to_owned(), port: server.port(), ..BrokerConfig::default() }
}

pub(crate) fn outgoing(number: usize) -> Outgoing {
    let correlation_id = format!("{number:06}");
    Outgoing { body: correlation_id.clone().into_bytes(), correlation_id, type_name: "test.Number" }
}

/// Hears of confirmed batches.
pub(crate) struct Confirmations {
    sender: UnboundedSender<String>,
    receiver: UnboundedReceiver<String>,
}

impl Confirmations {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = unbounded_channel();
        Self { sender, receiver }
    }

    /// A batch of these numbers, named after the first.
    pub(crate) fn batch(&self, numbers: std::ops::Range<usize>) -> Batch {
        let (id, sender) = (format!("batch{}", numbers.start), self.sender.clone());
        let confirmed = id.clone();
        Batch {
            id,
            messages: numbers.map(outgoing).collect(),
            on_confirmed: Box::new(move || sender.send(confirmed).unwrap()),
        }
    }

    /// All that have come so far.
    pub(crate) fn so_far(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.receiver.try_recv().ok()).collect()
    }
}

/// Submits the numbers up to `count` in batches of ten; gives the batch ids.
pub(crate) async fn publish(
    publisher: &Publisher,
    confirmations: &Confirmations,
    count: usize,
) -> Vec<String> {
    let mut ids = Vec::new();
    for start in (0..count).step_by(10) {
        let batch = confirmations.batch(start..(start + 10).min(count));
        ids.push(batch.id.clone());
        publisher.submit(batch).await.unwrap();
    }
    ids
}

pub(crate) async fn drain(publisher: &Publisher) {
    tokio::time::timeout(PATIENCE, publisher.drain()).await.expect("not everything was confirmed");
}

pub(crate) async fn next(consumer: &mut Consumer, max: usize) -> Delivered {
    let batch = tokio::time::timeout(PATIENCE, consumer.next_batch(max, SHORTLY)).await;
    batch.expect("no message came").expect("the consumer is closed")
}

pub(crate) fn numbers(delivered: &Delivered) -> Vec<usize> {
    let number = |body: &[u8]| std::str::from_utf8(body).unwrap().parse().unwrap();
    delivered.deliveries.iter().map(|delivery| number(&delivery.body)).collect()
}

/// Consumes and acknowledges until every number below `count` has come; gives them as they came.
pub(crate) async fn receive(consumer: &mut Consumer, count: usize) -> Vec<usize> {
    let mut received = Vec::new();
    let mut missing: std::collections::HashSet<usize> = (0..count).collect();
    while !missing.is_empty() {
        let delivered = next(consumer, 25).await;
        for number in numbers(&delivered) {
            missing.remove(&number);
            received.push(number);
        }
        delivered.ticket.settle(&[]);
    }
    received
}

/// The numbers without those that came before.
pub(crate) fn first_occurrences(received: &[usize]) -> Vec<usize> {
    let mut seen = std::collections::HashSet::new();
    received.iter().copied().filter(|number| seen.insert(*number)).collect()
}

/// Asks again and again until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !is_so() {
        assert!(tokio::time::Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
