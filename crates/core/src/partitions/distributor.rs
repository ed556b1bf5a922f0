//! Moves messages from core's queues into those of partitions, and puts these in place before.
//!
//! Every core tries; the broker lets one have the queues. That one alone puts partitions in place, and only when no message
//! is left that was divided before: else messages of one patient could be in two partitions.

use std::time::{Duration, Instant};

use emap_interchange::queues;
use emap_queue::{BrokerConfig, BrokerError, Opened, Partitions, QueueState, Relay, Taken};
use emap_service::{Backoff, CancellationToken, Component, Health, health::components};
use tokio::{sync::watch, time::interval};

use super::{Phase, View, key};

/// How often the partitions are looked at, and how often a core that does not divide messages tries to.
const LOOK: Duration = Duration::from_secs(1);
/// Looked at again so soon while too many messages wait in partitions.
const FULL_LOOK: Duration = Duration::from_millis(50);
/// What was divided before is usually processed within seconds. If not, readiness says so after this time.
const PATIENCE: Duration = Duration::from_secs(25);

/// See the module.
pub(crate) struct Distributor {
    broker: BrokerConfig,
    /// Queues whose messages are divided, each with its place in the order of preference.
    queues: Vec<(usize, String)>,
    /// How many partitions there are to be; with none, what is left in those that there are is waited for.
    partitions: u8,
    /// Messages in a partition, on average, that are enough for a while.
    enough: u32,
    health: Health,
    cancel: CancellationToken,
    view: watch::Sender<View>,
}

impl Distributor {
    /// Starts to work in the background, until the cancellation or until there are no partitions and there shall be none.
    /// Gives what it sees.
    ///
    /// A batch has so many messages at most.
    pub(crate) fn start(
        broker: BrokerConfig,
        queues: Vec<(usize, String)>,
        partitions: u8,
        batch: usize,
        (health, cancel): (&Health, &CancellationToken),
    ) -> (watch::Receiver<View>, tokio::task::JoinHandle<()>) {
        let (view, seen) = watch::channel(View::default());
        // What waits is to be enough for the batches that follow, and no more: the order of preference among core's
        // queues does not hold among messages that are in partitions already.
        let enough = u32::try_from(batch.saturating_mul(2)).unwrap_or(u32::MAX);
        let (health, cancel) = (health.clone(), cancel.clone());
        let distributor = Self { broker, queues, partitions, enough, health, cancel, view };
        (seen, tokio::spawn(distributor.run()))
    }

    async fn run(self) {
        let mut pauses = Backoff::seconds(1, 5);
        while let Err(error) = self.work(&mut pauses).await {
            self.view.send_modify(|view| view.is_connected = false);
            metrics::gauge!("emap_core_distributes").set(0.0);
            if self.partitions > 0 || self.view.borrow().phase == Phase::Former {
                self.component().down(error);
            } else {
                tracing::warn!(%error, "cannot consume before it is known whether partitions have messages, trying again");
            }
            if self.cancel.run_until_cancelled(tokio::time::sleep(pauses.pause())).await.is_none() {
                break;
            }
        }
        metrics::gauge!("emap_core_distributes").set(0.0);
    }

    fn component(&self) -> Component {
        self.health.component(components::PARTITIONS)
    }

    /// Ends without an error when there is nothing more to do.
    async fn work(&self, pauses: &mut Backoff) -> Result<(), BrokerError> {
        let connecting = Partitions::connect(&self.broker);
        let Some(connected) = self.cancel.run_until_cancelled(connecting).await else { return Ok(()) };
        let mut partitions = connected?;
        while !self.cancel.is_cancelled() {
            let states = partitions.states().await?;
            if self.partitions == 0 {
                if self.finish(&mut partitions, states).await? {
                    break;
                }
            } else if let Some(relay) = self.stand_by(&mut partitions, states).await? {
                pauses.reset();
                self.distribute(relay, &mut partitions).await?;
            }
            // Cores that were started at once are to try one after the other.
            let pause = LOOK + Duration::from_millis(u64::from(std::process::id() % 8) * 50);
            self.cancel.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
        partitions.close().await;
        Ok(())
    }

    /// Without partitions: whether none is left.
    async fn finish(
        &self,
        partitions: &mut Partitions,
        states: Vec<QueueState>,
    ) -> Result<bool, BrokerError> {
        if states.is_empty() {
            if self.view.borrow().phase == Phase::Former {
                self.component().up();
            }
            self.show(Phase::Off, states);
            return Ok(true);
        }
        self.show(Phase::Former, states.clone());
        if let Some(text) = undone(&states) {
            self.component().down(format_args!(
                "messages were divided into partitions before, and CORE_PARTITIONS is 0 now: {text}"
            ));
        } else {
            partitions.take_away().await?;
            partitions.put_in_place(0).await?;
        }
        Ok(false)
    }

    /// The queues, if nobody else has them.
    async fn stand_by(
        &self,
        partitions: &mut Partitions,
        states: Vec<QueueState>,
    ) -> Result<Option<Relay>, BrokerError> {
        let in_place = partitions.are_in_place(self.partitions).await?;
        self.show(if in_place { Phase::InPlace } else { Phase::Former }, states);
        let mut there = Vec::new();
        for (rank, queue) in &self.queues {
            if partitions.has_queue(queue).await? {
                there.push((*rank, queue.clone()));
            }
        }
        if !there.is_empty() {
            match Relay::open(&self.broker, &there).await? {
                Opened::Ours(relay) => return Ok(Some(*relay)),
                Opened::Taken(queue) => tracing::debug!(queue, "another program takes messages from it"),
            }
        }
        self.component().up();
        Ok(None)
    }

    /// Until the cancellation. After an error nothing may be settled any more, as it was not settled in order.
    async fn distribute(&self, mut relay: Relay, partitions: &mut Partitions) -> Result<(), BrokerError> {
        self.put_in_place(&mut relay, partitions).await?;
        tracing::info!(partitions = self.partitions, "this core divides the messages");
        metrics::gauge!("emap_core_distributes").set(1.0);
        self.component().up();
        let exchange = queues::partition_exchange(self.partitions);
        let (mut looks, mut unlooked) = (interval(LOOK), 0);
        while !self.cancel.is_cancelled() {
            let is_due = tokio::select! {
                biased;
                () = self.cancel.cancelled() => break,
                _ = looks.tick() => true,
                taken = relay.next() => {
                    let taken = taken?;
                    let message = taken.delivery.read();
                    let key = message.as_ref().map_or(key::UNKNOWN.into(), key::of);
                    count(&taken);
                    relay.send(&exchange, &key, taken);
                    unlooked += 1;
                    unlooked >= self.enough
                }
            };
            if is_due {
                unlooked = 0;
                self.until_not_full(&mut relay, partitions).await?;
                self.take_from_new_queues(&mut relay, partitions).await?;
            }
        }
        relay.close().await;
        Ok(())
    }

    /// Divides messages anew, when all that were divided before are processed: whether the broker would still put each
    /// patient where it did before, nobody knows.
    async fn put_in_place(&self, relay: &mut Relay, partitions: &mut Partitions) -> Result<(), BrokerError> {
        partitions.take_away().await?;
        let begin = Instant::now();
        loop {
            let states = partitions.states().await?;
            let undone = undone(&states);
            self.show(Phase::Former, states);
            let Some(text) = undone else { break };
            if begin.elapsed() >= PATIENCE {
                self.component().down(format_args!("messages that were divided before come first: {text}"));
            }
            if self.cancel.run_until_cancelled(relay.pause(LOOK)).await.transpose()?.is_none() {
                return Ok(());
            }
        }
        partitions.put_in_place(self.partitions).await?;
        self.show(Phase::InPlace, partitions.states().await?);
        Ok(())
    }

    /// Takes nothing while enough waits.
    async fn until_not_full(
        &self,
        relay: &mut Relay,
        partitions: &mut Partitions,
    ) -> Result<(), BrokerError> {
        let limit = self.enough.saturating_mul(self.partitions.into());
        let mut most = limit;
        loop {
            let states = partitions.states().await?;
            if states.len() != usize::from(self.partitions) {
                return Err(BrokerError::new("the queue of a partition is gone"));
            }
            let waiting: u32 = states.iter().map(|state| state.messages).sum();
            self.show(Phase::InPlace, states);
            if waiting <= most {
                return Ok(());
            }
            most = limit / 2;
            if self.cancel.run_until_cancelled(relay.pause(FULL_LOOK)).await.transpose()?.is_none() {
                return Ok(());
            }
        }
    }

    /// A site has not all queues from the start.
    async fn take_from_new_queues(
        &self,
        relay: &mut Relay,
        partitions: &mut Partitions,
    ) -> Result<(), BrokerError> {
        for (rank, queue) in &self.queues {
            if !relay.has(queue) && partitions.has_queue(queue).await? {
                relay.add(*rank, queue).await?;
            }
        }
        Ok(())
    }

    fn show(&self, phase: Phase, states: Vec<QueueState>) {
        self.view.send_replace(View { is_connected: true, states, phase });
    }
}

fn count(taken: &Taken) {
    metrics::counter!("emap_core_distributed_total", "queue" => taken.queue.to_string()).increment(1);
}

/// What is not over yet in partitions; none if nothing is.
fn undone(states: &[QueueState]) -> Option<String> {
    let is_undone = |state: &&QueueState| state.messages > 0 || state.consumers > 0;
    let partitions = states.iter().filter(is_undone).count();
    let (messages, consumers) = states.iter().fold((0, 0), |(messages, consumers), state| {
        (messages + state.messages, consumers + state.consumers)
    });
    (partitions > 0).then(|| {
        format!(
            "{messages} messages wait in {partitions} partitions, and {consumers} consumers may have more"
        )
    })
}
