//! A source of numbers, a store in memory, and a broker inside the test.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use emap_feed::{
    Block, Convert, Feed, FeedSettings, Limits, Output, Piece, ProgressStore, Refusal, Reports, Settled,
    Source, Step, Stream,
};
use emap_interchange::{Adt, Features, Message, Payload};
use emap_queue::{
    Backoff, BatchLimit, Consumer, ConsumerSettings, GivenUp, PublisherSettings, Transport,
    transport::in_process::Broker,
};
use emap_service::{Component, Health, health::State};
use tokio_util::sync::CancellationToken;

pub(crate) const QUEUE: &str = "numbers";

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The name of a stream, and the last number dealt with.
pub(crate) type Position = (&'static str, u32);

/// Everything a feed needs around it.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) memory: Memory,
    pub(crate) health: Health,
    pub(crate) cancel: CancellationToken,
    pub(crate) settings: FeedSettings,
}

impl World {
    /// A queue that refuses messages beyond `capacity`.
    pub(crate) fn new(capacity: u32) -> Self {
        let broker = Broker::new();
        broker.declare(QUEUE, capacity);
        let publisher = PublisherSettings {
            queue: QUEUE.to_owned(),
            retry_initial: Duration::from_millis(2),
            retry_maximum: Duration::from_millis(10),
            ..PublisherSettings::default()
        };
        let settings = FeedSettings {
            publisher,
            features: Features::default(),
            limits: Limits::default(),
            save_interval: Duration::from_millis(2),
            drain_limit: Duration::from_secs(60),
            stall_limit: Duration::from_secs(60),
            pauses: emap_queue::Backoff::seconds(1, 30),
        };
        let memory = Memory::default();
        Self { broker, memory, health: Health::new(), cancel: CancellationToken::new(), settings }
    }

    pub(crate) fn feed(&self) -> Feed<Memory> {
        let transport = Transport::InProcess(self.broker.clone());
        Feed::new(self.settings.clone(), transport, self.reports(), &self.cancel)
    }

    pub(crate) fn reports(&self) -> Reports {
        Reports { broker: self.component("broker"), progress: self.component("progress") }
    }

    pub(crate) fn component(&self, name: &'static str) -> Component {
        self.health.component(name)
    }

    pub(crate) fn is_down(&self, component: &str, reason: &str) -> bool {
        self.health.snapshot().get(component) == Some(&State::Down(reason.to_owned()))
    }

    pub(crate) fn depth(&self) -> usize {
        self.broker.depth(QUEUE)
    }

    /// Takes `count` messages off the queue: of each the stream and the number.
    pub(crate) async fn take(&self, count: usize) -> Vec<(String, u32)> {
        let settings = ConsumerSettings { prefetch: 1, ..ConsumerSettings::of(vec![QUEUE.to_owned()]) };
        let mut consumer = Consumer::start(Transport::InProcess(self.broker.clone()), settings);
        let mut taken = Vec::new();
        while taken.len() < count {
            let batch = consumer.next_batch(BatchLimit::messages(1), Duration::ZERO);
            let batch =
                tokio::time::timeout(PATIENCE, batch).await.expect("no message for a minute").unwrap();
            for delivery in &batch.deliveries {
                let id = Message::from_json(&delivery.body).unwrap().source_message_id.unwrap();
                let (stream, number) = id.split_once('-').unwrap();
                taken.push((stream.to_owned(), number.parse().unwrap()));
            }
            consumer.settle(batch.ticket, &[]);
        }
        consumer.close().await;
        taken
    }
}

/// Numbers from 1, each followed by a mark, one block after the other; then the end.
pub(crate) fn numbers(name: &'static str, after: u32, last: u32, block: u32) -> Script {
    let mut steps = VecDeque::new();
    for first in (after + 1..=last).step_by(block as usize) {
        let numbers = first..=last.min(first + block - 1);
        let pieces = numbers.flat_map(|number| [Piece::Item(number), Piece::Mark((name, number))]);
        steps.push_back(Ok(Step::Block(pieces.collect())));
    }
    steps.push_back(Ok(Step::End("end")));
    Script { steps, ..Script::default() }
}

/// A source that gives what it was given.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) steps: VecDeque<Result<Step<u32, Position, &'static str>, &'static str>>,
    /// How often it was asked, made to recover, and observed.
    pub(crate) calls: Arc<Calls>,
}

#[derive(Default)]
pub(crate) struct Calls {
    pub(crate) next: AtomicUsize,
    pub(crate) recover: AtomicUsize,
    pub(crate) observe: AtomicUsize,
}

impl Script {
    pub(crate) fn of(
        steps: impl IntoIterator<Item = Result<Step<u32, Position, &'static str>, &'static str>>,
    ) -> Self {
        Self { steps: steps.into_iter().collect(), ..Self::default() }
    }
}

pub(crate) fn block(pieces: &[Piece<u32, Position>]) -> Step<u32, Position, &'static str> {
    Step::Block(Block::from(pieces))
}

impl Source for Script {
    type Item = u32;
    type Position = Position;
    type End = &'static str;
    type Error = &'static str;

    async fn next(&mut self) -> Result<Step<u32, Position, &'static str>, &'static str> {
        self.calls.next.fetch_add(1, Ordering::Relaxed);
        match self.steps.pop_front() {
            Some(step) => step,
            None => std::future::pending().await,
        }
    }

    async fn recover(&mut self) -> Result<(), &'static str> {
        self.calls.recover.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn observe(&mut self) -> Result<(), &'static str> {
        self.calls.observe.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// A message of each number; a record and no message of those in `rejected`, a panic at those in `panics`.
#[derive(Default)]
pub(crate) struct Conversion {
    pub(crate) name: &'static str,
    pub(crate) rejected: Vec<u32>,
    pub(crate) panics: Vec<u32>,
    pub(crate) converted: Arc<AtomicU32>,
}

impl Conversion {
    pub(crate) fn of(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }
}

impl Convert for Conversion {
    type Item = u32;
    type Record = String;

    fn convert(&mut self, item: &u32, output: &mut Output<String>) {
        self.converted.fetch_add(1, Ordering::Relaxed);
        if self.rejected.contains(item) {
            return output.record(format!("{item} is no good"));
        }
        output.message(&item.to_string(), &message(self.name, *item));
        assert!(!self.panics.contains(item), "of Téapot, Clara");
    }

    fn refuse(&mut self, item: &u32, refusal: &Refusal) -> Option<String> {
        Some(format!("{item}: {refusal}"))
    }

    fn given_up(message: &GivenUp) -> Option<String> {
        Some(format!("{}: {}", message.correlation_id, message.reason))
    }
}

pub(crate) fn message(name: &str, number: u32) -> Message {
    let payload = Payload::Adt(Box::<Adt>::default());
    Message { source_message_id: Some(format!("{name}-{number}")), source_system: None, payload }
}

/// A stream with short pauses, an item in each batch.
pub(crate) fn stream(
    world: &World,
    name: &'static str,
    source: Script,
    conversion: Conversion,
) -> Stream<Script, Conversion> {
    let mut stream = Stream::new(name, source, conversion, world.component(name));
    stream.batch.items = 1;
    stream.pauses = Backoff::new(Duration::from_millis(5), Duration::from_millis(5));
    stream
}

/// A store that keeps what it is given. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Kept>>);

#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) positions: BTreeMap<&'static str, u32>,
    pub(crate) records: Vec<String>,
    pub(crate) saves: usize,
    /// So many calls fail.
    pub(crate) failures: usize,
}

impl Memory {
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    pub(crate) fn position(&self, stream: &str) -> Option<u32> {
        self.with(|kept| kept.positions.get(stream).copied())
    }
}

impl ProgressStore for Memory {
    type Position = Position;
    type Record = String;
    type Error = &'static str;

    fn save(&mut self, settled: &Settled<Position, String>) -> Result<(), &'static str> {
        self.with(|kept| {
            if kept.failures > 0 {
                kept.failures -= 1;
                return Err("store is away");
            }
            kept.saves += 1;
            if let Some((stream, number)) = settled.position {
                let before = kept.positions.insert(stream, number);
                assert!(before <= Some(number), "progress moved backwards");
            }
            kept.records.extend(settled.records.iter().cloned());
            Ok(())
        })
    }
}

/// Waits until the condition holds; panics after a minute.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "waited too long for: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
