//! The side of core that faces the broker: batches in, their fate out.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use emap_interchange::queues;
use emap_queue::{AddedQueue, BatchLimit, Consumer, ConsumerSettings, Delivered, Delivery, Transport};
use emap_service::{CancellationToken, Component, Health, health::components};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    incoming::Incoming,
    outcome::Outcome,
    partitions::{
        Phase as Division, View,
        claims::{Claim, Claims},
        consumers::{Limits, PartitionConsumers},
        distributor::Distributor,
    },
    phases::{Phase, PhaseTimes},
    settings::CoreSettings,
    tally::Tally,
    worker::{Done, Work},
};

/// Batches that may be on their way at a time: one is written while the next is decoded.
const BATCHES_ON_THE_WAY: usize = 2;

/// Bytes of bodies in a batch, unless one alone has more. As messages and rows they take several times as much memory.
const BATCH_BYTES: usize = 16 << 20;

/// Bytes of bodies that are here and not settled. One message of the largest size may come beyond it, and each takes
/// several times as much on its way into the database: as a message, as a row, and in what is sent to the server.
const HELD_BYTES: usize = 24 << 20;

/// The side that faces the broker.
pub(crate) struct Intake {
    pub(crate) taker: Taker,
    pub(crate) partitions: PartitionConsumers,
    /// Queues that are not consumed yet, as messages of theirs may still be in partitions.
    waiting: Vec<AddedQueue>,
    /// Batches that are on their way, the oldest first.
    on_the_way: VecDeque<OnTheWay>,
    distributor: Option<JoinHandle<()>>,
    stop: CancellationToken,
    broker: Component,
}

/// Takes batches from queues.
pub(crate) struct Taker {
    consumer: Consumer,
    limit: BatchLimit,
    max_delay: Duration,
}

/// A batch that is on its way.
struct OnTheWay {
    /// Bytes of its bodies.
    bytes: usize,
    claim: Option<Claim>,
}

impl Taker {
    pub(crate) async fn next(&mut self) -> Option<Delivered> {
        self.consumer.next_batch(self.limit, self.max_delay).await
    }
}

impl Intake {
    pub(crate) fn start(
        settings: &CoreSettings,
        transport: Transport,
        (health, cancel): (&Health, &CancellationToken),
        claims: Claims,
    ) -> Self {
        let batch = settings.batch_max_messages;
        let most = |batches: usize| u16::try_from(batch.saturating_mul(batches)).unwrap_or(u16::MAX);
        // Queues of devices are not divided.
        let is_direct = |queue: &str| settings.partitions == 0 || queues::OF_DEVICES.contains(&queue);
        let max_bytes = HELD_BYTES / settings.queues.len().max(1);
        let ranked = || settings.queues.iter().enumerate();
        let added = |(rank, queue): (usize, &String)| AddedQueue {
            queue: queue.clone(),
            // Behind those of partitions.
            rank: rank + 1,
            prefetch: most(BATCHES_ON_THE_WAY + 1),
            max_bytes,
        };
        let waiting = ranked().filter(|(_, queue)| is_direct(queue)).map(added).collect();
        let divided = ranked().filter(|(_, queue)| !is_direct(queue));
        let divided = divided.map(|(rank, queue)| (rank, queue.clone())).collect();
        let stop = cancel.child_token();
        let (view, distributor) = match &transport {
            Transport::Amqp(broker) => {
                let of_daemon = (health, &stop);
                let started =
                    Distributor::start(broker.clone(), divided, settings.partitions, batch, of_daemon);
                (started.0, Some(started.1))
            }
            Transport::InProcess(_) => {
                let off = View { is_connected: true, phase: Division::Off, ..View::default() };
                (watch::channel(off).1, None)
            }
        };
        // While a batch of a partition is written, those of others are at hand.
        let limits = Limits {
            messages: most(BATCHES_ON_THE_WAY),
            bytes: HELD_BYTES / usize::from(settings.partitions.max(1)),
        };
        let taker = Taker {
            consumer: Consumer::start(transport, ConsumerSettings::of(Vec::new())),
            limit: BatchLimit { messages: batch, bytes: BATCH_BYTES },
            max_delay: settings.batch_max_delay,
        };
        let mut intake = Self {
            taker,
            partitions: PartitionConsumers::new(claims, view, limits),
            waiting,
            on_the_way: VecDeque::new(),
            distributor,
            stop,
            broker: health.component(components::BROKER),
        };
        if settings.partitions > 0 {
            health.component(components::PARTITIONS);
            intake.consume_waiting();
        }
        intake.arrange();
        intake
    }

    /// Consumes what may be consumed now.
    pub(crate) fn arrange(&mut self) {
        let (_, division) = self.partitions.seen();
        if division == Division::Off {
            self.consume_waiting();
        }
        let Self { taker, partitions, on_the_way, .. } = self;
        let is_connected = taker.consumer.is_connected();
        let is_on_the_way = |claim| on_the_way.iter().any(|batch| batch.claim == Some(claim));
        partitions.arrange(&mut taker.consumer, is_connected, is_on_the_way);
    }

    fn consume_waiting(&mut self) {
        for queue in self.waiting.drain(..) {
            self.taker.consumer.add_new(queue);
        }
    }

    pub(crate) fn report_health(&self) {
        let (is_seen, division) = self.partitions.seen();
        let is_begun = self.waiting.is_empty() || division == Division::Former;
        self.broker.set_up(is_seen && is_begun && self.taker.consumer.is_connected(), "not connected");
    }

    /// Whether batches are on their way.
    pub(crate) fn is_busy(&self) -> bool {
        !self.on_the_way.is_empty()
    }

    /// Whether another batch may be decoded: not beside one so large that both would take much memory.
    pub(crate) fn has_room(&self) -> bool {
        self.on_the_way.len() < BATCHES_ON_THE_WAY
            && self.on_the_way.iter().all(|batch| batch.bytes < BATCH_BYTES / 2)
    }

    /// Decodes a batch while the worker writes the one before. None if it may not be processed; the broker delivers it
    /// again.
    pub(crate) fn take(&mut self, delivered: Delivered) -> Option<Work> {
        let is_partition = queues::is_partition(&delivered.queue);
        let claim = if is_partition { Some(self.partitions.claim_of(&delivered.queue)?) } else { None };
        let bytes = delivered.deliveries.iter().map(|delivery| delivery.body.len()).sum();
        self.on_the_way.push_back(OnTheWay { bytes, claim });
        let begin = Instant::now();
        let mut names = Names { queue: delivered.queue, last_origin: None };
        let read = |delivery: Delivery| {
            let queue = names.of(if is_partition { delivery.origin.as_deref() } else { None });
            Incoming::delivered(queue, delivery)
        };
        let messages = delivered.deliveries.into_iter().map(read).collect();
        let mut times = PhaseTimes::default();
        times.add_since(Phase::Decode, begin);
        Some(Work { messages, ticket: delivered.ticket, claim, times })
    }

    /// Settles the batch at the broker: what was not applied is refused for good (we keep it ourselves), the rest is done.
    pub(crate) fn settle(&mut self, committed: Done, tally: &mut Tally) {
        self.on_the_way.pop_front();
        let Some(messages) = committed.messages else {
            metrics::counter!("emap_core_batches_given_up_total").increment(1);
            return self.arrange();
        };
        metrics::histogram!("emap_core_batch_messages")
            .record(f64::from(u32::try_from(messages.len()).unwrap_or(u32::MAX)));
        committed.times.record_metrics();
        tally.times += committed.times;
        let mut refused = Vec::new();
        for (place, message) in messages.iter().enumerate() {
            let (outcome, type_name) = (message.report.outcome, message.type_name);
            metrics::counter!("emap_core_messages_total", "outcome" => outcome.as_str(), "type" => type_name)
                .increment(1);
            tally.messages += 1;
            tally.errors += u64::from(outcome.is_error());
            tally.ignored += u64::from(outcome == Outcome::Ignored);
            if outcome != Outcome::Success {
                refused.push(place);
                let (source_id, reason) = (&message.source_id, &message.report.reason);
                tracing::info!(
                    outcome = outcome.as_str(),
                    source_id,
                    type_name,
                    reason,
                    "message not applied"
                );
            }
        }
        self.taker.consumer.settle(committed.ticket, &refused);
        self.arrange();
    }

    /// Stops consuming, in order.
    pub(crate) async fn close(mut self) {
        self.stop.cancel();
        self.taker.consumer.close().await;
        if let Some(distributor) = self.distributor {
            // What it has not settled the broker delivers again.
            let _ = distributor.await;
        }
    }
}

/// Names of the queues that messages were in first. Most messages of a batch are from the same.
struct Names {
    /// That of the batch.
    queue: Arc<str>,
    last_origin: Option<Arc<str>>,
}

impl Names {
    fn of(&mut self, origin: Option<&str>) -> Arc<str> {
        let Some(origin) = origin else { return Arc::clone(&self.queue) };
        match &self.last_origin {
            Some(last) if **last == *origin => Arc::clone(last),
            _ => Arc::clone(self.last_origin.insert(origin.into())),
        }
    }
}
