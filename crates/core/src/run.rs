//! The daemon: batches from the queues, through the engine, and back to the broker as acknowledgements.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use emap_queue::{BatchLimit, Consumer, ConsumerSettings, Delivered, Transport};
use emap_service::{Component, Health, Runtime, health::components, program::EarlyEnd};
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    incoming::Incoming,
    outcome::Outcome,
    phases::{Phase, PhaseTimes},
    settings::CoreSettings,
    settling::{Commits, Settling},
    worker::{Done, Work, Worker},
};

/// Batches that may be on their way at a time: one is written while the next is decoded.
const BATCHES_ON_THE_WAY: usize = 2;

/// Bytes of bodies in a batch, unless one alone has more. As messages and rows they take several times as much memory.
const BATCH_BYTES: usize = 16 << 20;

/// Bytes of bodies that are here and not settled. One message of the largest size may come beyond it, and each takes
/// several times as much on its way into the database: as a message, as a row, and in what is sent to the server.
const HELD_BYTES: usize = 24 << 20;

/// How often readiness is brought up to date.
const HEALTH_LOOK: Duration = Duration::from_millis(500);

/// How many messages ended how, and what it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All messages that were taken from the queues and settled.
    pub messages: u64,
    /// Those that ended in an error and were kept among the rejects.
    pub errors: u64,
    /// Those deliberately not applied.
    pub ignored: u64,
    /// Where the time went.
    pub times: PhaseTimes,
}

/// Why the daemon ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A mistake in the program. What was not committed is still on the queue.
    #[error("the thread that writes to the star database ended abnormally")]
    WorkerEnded,
    /// New rows would get primary keys that are in use.
    #[error("{0}")]
    Keys(String),
}

impl EarlyEnd for RunError {
    fn was_asked_for(&self) -> bool {
        false
    }
}

/// Takes messages from the queues until the cancellation, then settles what is on its way and ends. `progress` is called
/// after each committed batch.
///
/// A lost broker or database is waited for and shown in readiness (components `broker` and `star`). That messages wait and
/// nothing is settled is shown there too, whatever the reason (component `progress`).
///
/// # Errors
/// A mistake in the program, or primary keys that would collide.
pub async fn run(
    settings: CoreSettings,
    runtime: Runtime,
    mut progress: impl FnMut(Tally),
) -> Result<Tally, RunError> {
    let Runtime { transport, cancel, health } = runtime;
    let (work, batches) = mpsc::channel(1);
    let (done_sender, mut done) = mpsc::unbounded_channel();
    let commits = Commits::default();
    let [star, broker, progressing] =
        [components::STAR, components::BROKER, components::PROGRESS].map(|name| health.component(name));
    let servers = [star.clone(), broker];
    let mut settling =
        Settling::new(progressing, servers, settings.stall_limit, commits.clone(), Instant::now());
    let worker = Worker {
        database: settings.database.clone(),
        rules: settings.rules,
        star,
        commits,
        pauses: settings.pauses.clone(),
        migrate: settings.migrate,
        sequence: settings.sequence,
        cancel: cancel.clone(),
    };
    // The worker waits for the database with this runtime's timers.
    let timers = Handle::current();
    let thread = std::thread::spawn(move || {
        let _entered = timers.enter();
        worker.run(batches, &done_sender)
    });
    let mut intake = Intake::start(&settings, transport, &health);
    let mut tally = Tally::default();
    let mut work = Some(work);
    let mut look = tokio::time::interval(HEALTH_LOOK);
    loop {
        let may_take = work.is_some() && intake.has_room();
        tokio::select! {
            biased;
            () = cancel.cancelled(), if work.is_some() => work = None,
            committed = done.recv() => match committed {
                Some(committed) => {
                    intake.settle(committed, &mut tally);
                    settling.look(!intake.on_the_way.is_empty(), Instant::now());
                    progress(tally);
                }
                // The worker ended, and everything it committed is settled.
                None => break,
            },
            _ = look.tick() => {
                intake.report_health();
                settling.look(!intake.on_the_way.is_empty(), Instant::now());
            }
            delivered = intake.next(), if may_take => match delivered {
                Some(delivered) => {
                    let batch = intake.take(delivered);
                    if let Some(work) = &work && work.send(batch).await.is_err() {
                        break;
                    }
                }
                None => work = None,
            },
        }
    }
    intake.consumer.close().await;
    thread.join().map_err(|_| RunError::WorkerEnded)?.map_err(RunError::Keys)?;
    Ok(tally)
}

/// The side that faces the broker.
struct Intake {
    consumer: Consumer,
    limit: BatchLimit,
    max_delay: Duration,
    /// Bytes of the bodies of each batch that is on its way.
    on_the_way: VecDeque<usize>,
    broker: Component,
}

impl Intake {
    fn start(settings: &CoreSettings, transport: Transport, health: &Health) -> Self {
        let prefetch = settings.batch_max_messages.saturating_mul(BATCHES_ON_THE_WAY + 1);
        let consumer_settings = ConsumerSettings {
            prefetch: u16::try_from(prefetch).unwrap_or(u16::MAX),
            max_bytes: HELD_BYTES,
            ..ConsumerSettings::of(settings.queues.clone())
        };
        Self {
            consumer: Consumer::start(transport, consumer_settings),
            limit: BatchLimit { messages: settings.batch_max_messages, bytes: BATCH_BYTES },
            max_delay: settings.batch_max_delay,
            on_the_way: VecDeque::new(),
            broker: health.component(components::BROKER),
        }
    }

    fn report_health(&self) {
        self.broker.set_up(self.consumer.is_connected(), "not connected");
    }

    async fn next(&mut self) -> Option<Delivered> {
        self.consumer.next_batch(self.limit, self.max_delay).await
    }

    /// Whether another batch may be decoded: not beside one so large that both would take much memory.
    fn has_room(&self) -> bool {
        self.on_the_way.len() < BATCHES_ON_THE_WAY
            && self.on_the_way.iter().all(|bytes| *bytes < BATCH_BYTES / 2)
    }

    /// Decodes a batch while the worker writes the one before.
    fn take(&mut self, delivered: Delivered) -> Work {
        self.on_the_way.push_back(delivered.deliveries.iter().map(|delivery| delivery.body.len()).sum());
        let begin = Instant::now();
        let queue: Arc<str> = delivered.queue;
        let read = |delivery| Incoming::delivered(Arc::clone(&queue), delivery);
        let messages = delivered.deliveries.into_iter().map(read).collect();
        let mut times = PhaseTimes::default();
        times.add_since(Phase::Decode, begin);
        Work { messages, ticket: delivered.ticket, times }
    }

    /// Settles the batch at the broker: what was not applied is refused for good (we keep it ourselves), the rest is done.
    fn settle(&mut self, committed: Done, tally: &mut Tally) {
        self.on_the_way.pop_front();
        metrics::histogram!("emap_core_batch_messages")
            .record(f64::from(u32::try_from(committed.messages.len()).unwrap_or(u32::MAX)));
        committed.times.record_metrics();
        tally.times += committed.times;
        let mut refused = Vec::new();
        for (place, message) in committed.messages.iter().enumerate() {
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
        self.consumer.settle(committed.ticket, &refused);
    }
}
