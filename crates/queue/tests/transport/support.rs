//! What the tests of this program have in common.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU32, AtomicUsize, Ordering},
    time::Duration,
};

use emap_local_services::rabbitmq;
use emap_queue::{
    Batch, BatchLimit, BrokerConfig, Consumer, ConsumerSettings, Delivered, Outgoing, Publisher,
    PublisherSettings, Transport,
};
use lapin::{
    Channel, Connection, ConnectionProperties,
    options::QueueDeclareOptions,
    types::{AMQPValue, FieldTable},
};
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

/// A publisher whose queue is there already. A publisher that makes its queue waits a while before it uses
/// it; only tests about that need the patience.
pub(crate) async fn publisher(transport: &Transport, settings: PublisherSettings) -> Publisher {
    let (queue, length) = (&settings.queue, settings.queue_length);
    match transport {
        Transport::Amqp(config) => {
            let other = OtherProgram::connect(config).await;
            other.declare(queue, i32::try_from(length).unwrap()).await.unwrap();
        }
        Transport::InProcess(broker) => broker.declare(queue, length),
    }
    Publisher::start(transport.clone(), settings)
}

/// A plain client, as another program would be.
pub(crate) struct OtherProgram {
    pub(crate) channel: Channel,
    pub(crate) connection: Connection,
}

impl OtherProgram {
    pub(crate) async fn connect(config: &BrokerConfig) -> Self {
        let BrokerConfig { host, port, username, password, virtual_host, .. } = config;
        let virtual_host = virtual_host.replace('/', "%2f");
        let url = format!("amqp://{username}:{password}@{host}:{port}/{virtual_host}");
        let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
        Self { channel: connection.create_channel().await.unwrap(), connection }
    }

    /// On the server that the tests share.
    pub(crate) async fn start() -> Self {
        Self::connect(&config(rabbitmq::shared())).await
    }

    /// Declares a queue as the contract demands.
    pub(crate) async fn declare(&self, queue: &str, length: i32) -> lapin::Result<()> {
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        self.channel.queue_declare(queue.into(), options, arguments(length)).await.map(|_| ())
    }

    /// Messages in the queue that no consumer has.
    pub(crate) async fn depth(&self, queue: &str) -> u32 {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        self.channel
            .queue_declare(queue.into(), passive, FieldTable::default())
            .await
            .unwrap()
            .message_count()
    }

    pub(crate) async fn delete(&self, queue: &str) {
        self.channel.queue_delete(queue.into(), lapin::options::QueueDeleteOptions::default()).await.unwrap();
    }
}

pub(crate) fn arguments(length: i32) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(length));
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    arguments
}

pub(crate) fn consumer(transport: &Transport, queues: &[&str]) -> Consumer {
    let queues = queues.iter().map(|&queue| queue.to_owned()).collect();
    Consumer::start(transport.clone(), ConsumerSettings { prefetch: 100, ..ConsumerSettings::of(queues) })
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
            on_confirmed: Box::new(move |_| sender.send(confirmed).unwrap()),
        }
    }

    /// The same with bodies of 5000 bytes.
    pub(crate) fn large_batch(&self, numbers: std::ops::Range<usize>) -> Batch {
        let mut batch = self.batch(numbers);
        for message in &mut batch.messages {
            message.body = format!("{:0>5000}", message.correlation_id).into_bytes();
        }
        batch
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
    let batch = tokio::time::timeout(PATIENCE, consumer.next_batch(BatchLimit::messages(max), SHORTLY)).await;
    batch.expect("no message came").expect("the consumer is closed")
}

pub(crate) fn numbers(delivered: &Delivered) -> Vec<usize> {
    let number = |body: &[u8]| std::str::from_utf8(body).unwrap().parse().unwrap();
    delivered.deliveries.iter().map(|delivery| number(&delivery.body)).collect()
}

/// Consumes and acknowledges until every number below `count` has come; gives them as they came.
pub(crate) async fn receive(consumer: &mut Consumer, count: usize) -> Vec<usize> {
    receive_counting(consumer, count, &AtomicUsize::new(0)).await
}

/// The same; `came` counts.
pub(crate) async fn receive_counting(
    consumer: &mut Consumer,
    count: usize,
    came: &AtomicUsize,
) -> Vec<usize> {
    let mut received = Vec::new();
    let mut missing: HashSet<usize> = (0..count).collect();
    while !missing.is_empty() {
        let delivered = next(consumer, 25).await;
        for number in numbers(&delivered) {
            missing.remove(&number);
            received.push(number);
        }
        came.store(received.len(), Ordering::SeqCst);
        delivered.ticket.settle(&[]);
    }
    received
}

/// Fails unless the numbers, each where it came first, are exactly these, in order.
pub(crate) fn assert_complete_and_in_order(received: &[usize], expected: std::ops::Range<usize>) {
    let first = first_occurrences(received);
    let wrong = first.iter().copied().zip(expected.clone()).find(|(found, due)| found != due);
    assert_eq!(wrong, None, "the first that is not where it should be, and what should be there");
    assert_eq!(first.len(), expected.len());
}

/// The numbers without those that came before.
pub(crate) fn first_occurrences(received: &[usize]) -> Vec<usize> {
    let mut seen = HashSet::new();
    received.iter().copied().filter(|number| seen.insert(*number)).collect()
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !is_so() {
        assert!(tokio::time::Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
