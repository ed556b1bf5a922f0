//! Deliveries of one queue that nobody has asked for yet.

use super::tap::Settlement;
use super::{Delivered, Delivery, Ticket};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};

/// Filled by the queue's task, emptied by the consumer.
pub(super) struct Inbox {
    pub(super) queue: Arc<str>,
    /// Messages that may be here or unsettled.
    limit: usize,
    arrived: Arc<Notify>,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    waiting: VecDeque<Delivery>,
    /// Tag of the first delivery in `waiting`; the others count on from it.
    first_tag: u64,
    /// Delivered over the present connection and not settled, those in `waiting` included.
    unsettled: usize,
    /// How many the consumer waits for; waking it for each one would cost more than the rest.
    wanted: usize,
    /// Where settlements go; none while the queue is not being consumed.
    settlements: Option<mpsc::UnboundedSender<Settlement>>,
}

impl Inbox {
    pub(super) fn new(queue: &str, prefetch: u16, arrived: Arc<Notify>) -> Self {
        let limit = if prefetch == 0 { usize::MAX } else { usize::from(prefetch) };
        Self { queue: queue.into(), limit, arrived, content: Mutex::default() }
    }

    /// A new connection begins to deliver.
    pub(super) fn open(&self, settlements: mpsc::UnboundedSender<Settlement>) {
        *self.content() = Content { first_tag: 1, settlements: Some(settlements), ..Content::default() };
    }

    /// The connection is gone; the broker will deliver anew what is here.
    pub(super) fn close(&self) {
        *self.content() = Content::default();
        self.arrived.notify_one();
    }

    /// Deliveries whose tags follow the ones before without a gap.
    pub(super) fn push(&self, deliveries: impl Iterator<Item = Delivery>) {
        let mut content = self.content();
        let before = content.waiting.len();
        content.waiting.extend(deliveries);
        content.unsettled += content.waiting.len() - before;
        let is_full = content.waiting.len() >= content.wanted || content.unsettled >= self.limit;
        drop(content);
        if before == 0 || is_full {
            self.arrived.notify_one();
        }
    }

    pub(super) fn settled(&self, count: usize) {
        let mut content = self.content();
        content.unsettled = content.unsettled.saturating_sub(count);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.content().waiting.is_empty()
    }

    /// Whether waiting can make a batch of up to `max` larger. If so, the consumer hears of it when
    /// there are as many, or when no more can come.
    pub(super) fn may_grow(&self, max: usize) -> bool {
        let mut content = self.content();
        content.wanted = max;
        !content.waiting.is_empty() && content.waiting.len() < max && content.unsettled < self.limit
    }

    /// Hands out up to `max` deliveries.
    pub(super) fn take(&self, max: usize) -> Option<Delivered> {
        let mut content = self.content();
        let settlements = content.settlements.clone()?;
        let count = content.waiting.len().min(max);
        if count == 0 {
            return None;
        }
        let first_tag = content.first_tag;
        content.first_tag += count as u64;
        let deliveries = content.waiting.drain(..count).collect();
        let ticket = Ticket { first_tag, count, settlements };
        Some(Delivered { queue: Arc::clone(&self.queue), deliveries, ticket })
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
