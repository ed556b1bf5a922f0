//! The queues.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{publisher::batch::Outgoing, transport::link::Outcome};

/// A broker; clones share their queues.
#[derive(Clone, Default)]
pub struct Broker {
    queues: Arc<Mutex<HashMap<String, Queue>>>,
}

/// One queue.
#[derive(Default)]
struct Queue {
    capacity: usize,
    ready: VecDeque<Stored>,
    /// Delivered to a consumer and not settled yet.
    unsettled: usize,
    arrived: Arc<Notify>,
}

/// A message in a queue.
pub(super) struct Stored {
    pub(super) message: Arc<Outgoing>,
    pub(super) redelivered: bool,
}

impl Broker {
    /// A broker without queues.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a queue that refuses messages beyond `capacity`, not counting those with a consumer. A
    /// queue that exists stays as it is. Publishers do this by themselves.
    pub fn declare(&self, queue: &str, capacity: u32) {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        let new = || Queue { capacity, ..Queue::default() };
        self.queues().entry(queue.to_owned()).or_insert_with(new);
    }

    /// Messages that the broker is still responsible for: waiting, or with a consumer and unsettled.
    /// 0 if there is no such queue.
    pub fn depth(&self, queue: &str) -> usize {
        self.queues().get(queue).map_or(0, |queue| queue.ready.len() + queue.unsettled)
    }

    pub(super) fn publish(&self, queue: &str, message: Arc<Outgoing>) -> Outcome {
        let mut queues = self.queues();
        let Some(queue) = queues.get_mut(queue) else { return Outcome::Unroutable };
        if queue.ready.len() >= queue.capacity {
            return Outcome::Refused;
        }
        queue.ready.push_back(Stored { message, redelivered: false });
        queue.arrived.notify_one();
        Outcome::Confirmed
    }

    /// Hands the next message to a consumer.
    pub(super) fn take(&self, queue: &str) -> Option<Stored> {
        let mut queues = self.queues();
        let queue = queues.get_mut(queue)?;
        let stored = queue.ready.pop_front()?;
        queue.unsettled += 1;
        Some(stored)
    }

    /// Forgets messages that a consumer has settled.
    pub(super) fn settle(&self, queue: &str, count: usize) {
        if let Some(queue) = self.queues().get_mut(queue) {
            queue.unsettled = queue.unsettled.saturating_sub(count);
        }
    }

    /// Puts messages of a consumer that is gone back to where they came from, `last` first.
    pub(super) fn give_back(&self, queue: &str, last_to_first: impl Iterator<Item = Stored>) {
        let mut queues = self.queues();
        let Some(queue) = queues.get_mut(queue) else { return };
        for stored in last_to_first {
            queue.unsettled = queue.unsettled.saturating_sub(1);
            queue.ready.push_front(Stored { redelivered: true, ..stored });
        }
        queue.arrived.notify_waiters();
        queue.arrived.notify_one();
    }

    pub(super) fn arrival_bell(&self, queue: &str) -> Option<Arc<Notify>> {
        self.queues().get(queue).map(|queue| Arc::clone(&queue.arrived))
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        // Nothing panics while it holds the lock; if it did, the queues would still be whole.
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Broker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let depths: Vec<_> =
            self.queues().iter().map(|(name, queue)| (name.clone(), queue.ready.len())).collect();
        write!(formatter, "Broker({depths:?})")
    }
}
