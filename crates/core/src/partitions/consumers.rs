//! Takes messages from the partitions that this core may work on.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use emap_interchange::queues;
use emap_queue::{AddedQueue, Consumer};
use tokio::{sync::watch, task::JoinSet};

use super::{
    Phase, View,
    claims::{Claim, Claims, State},
};

/// How long a consumer is given to get its first message, before its partition counts as empty.
const FIRST_MESSAGE: Duration = Duration::from_secs(2);

/// A core that cannot reach the broker for so long lets others work on its partitions.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the module.
pub(crate) struct PartitionConsumers {
    claims: Claims,
    view: watch::Receiver<View>,
    limits: Limits,
    open: BTreeMap<u8, Open>,
    /// The broker does not know yet that they are no longer consumed.
    closing: BTreeSet<u8>,
    closed: JoinSet<u8>,
    /// Since when the broker cannot be reached.
    away: Option<Instant>,
}

/// How many messages of a partition may be here and unsettled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) messages: u16,
    pub(crate) bytes: usize,
}

/// A partition that is consumed.
struct Open {
    claim: Claim,
    since: Instant,
}

impl PartitionConsumers {
    pub(crate) fn new(claims: Claims, view: watch::Receiver<View>, limits: Limits) -> Self {
        let (open, closing, closed) = (BTreeMap::new(), BTreeSet::new(), JoinSet::new());
        Self { claims, view, limits, open, closing, closed, away: None }
    }

    /// Whether the broker could be reached at the last look, and what is with the division of messages.
    pub(crate) fn seen(&self) -> (bool, Phase) {
        let view = self.view.borrow();
        (view.is_connected, view.phase)
    }

    /// The right to process what was just taken from a queue; none if it is no partition's.
    pub(crate) fn claim_of(&self, queue: &str) -> Option<Claim> {
        let mut open = self.open.values().map(|open| open.claim);
        open.find(|claim| queues::partition(claim.partition) == queue)
    }

    /// Waits until something is to be arranged.
    pub(crate) async fn changed(&mut self) {
        let Self { claims, view, closing, closed, .. } = self;
        tokio::select! {
            () = claims.changed() => {}
            Ok(()) = view.changed() => {}
            Some(closed) = closed.join_next() => {
                // Such a task does nothing that could fail.
                closing.retain(|partition| closed.as_ref().is_ok_and(|closed| closed != partition));
            }
        }
    }

    /// Consumes what this core may work on, and nothing else. `is_on_the_way` says of a claim whether messages that were
    /// taken under it are being processed.
    pub(crate) fn arrange(
        &mut self,
        consumer: &mut Consumer,
        is_connected: bool,
        is_on_the_way: impl Fn(Claim) -> bool,
    ) {
        let View { is_connected: is_seen, states, phase } = self.view.borrow().clone();
        self.away = if is_connected && is_seen { None } else { self.away.or(Some(Instant::now())) };
        let takes_part = matches!(phase, Phase::Former | Phase::InPlace)
            && self.away.is_none_or(|since| since.elapsed() < PATIENCE);
        self.claims.set_there(u8::try_from(states.len()).unwrap_or(u8::MAX), takes_part);
        let waits =
            |claim: Claim| states.get(usize::from(claim.partition)).is_some_and(|state| state.messages > 0);
        for (claim, state) in self.claims.all() {
            let queue = queues::partition(claim.partition);
            let open_since = self.open.get(&claim.partition).map(|open| open.since);
            match (state, open_since) {
                (State::Held, None) => {
                    // Before messages are divided anew, consumers show that something may be left.
                    let is_wanted = phase == Phase::InPlace || waits(claim);
                    if is_wanted && !self.closing.contains(&claim.partition) {
                        self.open(consumer, claim, queue);
                    }
                }
                (State::Held, Some(since)) => {
                    let is_over = phase == Phase::Former
                        && since.elapsed() >= FIRST_MESSAGE
                        && !waits(claim)
                        && !is_on_the_way(claim)
                        && consumer.is_idle(&queue);
                    if is_over {
                        self.close(consumer, claim, &queue);
                    }
                }
                (State::Leaving, Some(_)) => {
                    consumer.hold_back(&queue);
                    if !is_on_the_way(claim) {
                        self.close(consumer, claim, &queue);
                    }
                }
                (State::Lost, Some(_)) => self.close(consumer, claim, &queue),
                (State::Leaving | State::Lost, None) => {
                    if !self.closing.contains(&claim.partition) {
                        self.claims.closed(claim);
                    }
                }
                (State::Left, _) => {}
            }
        }
    }

    fn open(&mut self, consumer: &mut Consumer, claim: Claim, queue: String) {
        let Limits { messages, bytes } = self.limits;
        consumer.add(AddedQueue { queue, rank: 0, prefetch: messages, max_bytes: bytes });
        self.open.insert(claim.partition, Open { claim, since: Instant::now() });
    }

    fn close(&mut self, consumer: &mut Consumer, claim: Claim, queue: &str) {
        self.open.remove(&claim.partition);
        self.closing.insert(claim.partition);
        let closed = consumer.remove(queue);
        self.closed.spawn(async move {
            closed.await;
            claim.partition
        });
    }
}
