//! Deliveries of one queue that wait to be taken in a batch.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
};

use super::{
    batch::{BatchLimit, Delivered, Settlement, Ticket},
    delivery::Delivery,
};

/// Filled by the queue's task, emptied by the consumer.
pub(super) struct Inbox {
    pub(super) queue: Arc<str>,
    /// Messages that may be here or unsettled.
    limit: usize,
    arrived: Arc<Notify>,
    connected: AtomicBool,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    waiting: VecDeque<Delivery>,
    /// Since when the first of them waits, or could have been taken.
    waiting_since: Option<Instant>,
    /// Tag of the first delivery in `waiting`; the others count on from it.
    first_tag: u64,
    /// Delivered over the present connection and not settled, those in `waiting` included.
    unsettled: usize,
    /// Bytes of the bodies in `waiting`.
    bytes: usize,
    /// How many the consumer waits for; waking it for each one would cost more than the rest.
    wanted: usize,
    /// Or for so many bytes.
    wanted_bytes: usize,
    /// Where settlements go; none while the queue is not being consumed.
    settlements: Option<mpsc::UnboundedSender<Settlement>>,
}

impl Content {
    /// Whether a batch as large as the consumer waits for is here.
    fn is_enough(&self) -> bool {
        self.waiting.len() >= self.wanted || self.bytes >= self.wanted_bytes
    }
}

impl Inbox {
    pub(super) fn new(queue: &str, prefetch: u16, arrived: Arc<Notify>) -> Self {
        let limit = if prefetch == 0 { usize::MAX } else { usize::from(prefetch) };
        Self {
            queue: queue.into(),
            limit,
            arrived,
            connected: AtomicBool::new(false),
            content: Mutex::default(),
        }
    }

    /// Whether the broker can be reached over this queue's connection.
    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    pub(super) fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
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
        if before == 0 {
            content.waiting_since = Some(Instant::now());
        }
        for delivery in deliveries {
            content.bytes += delivery.body.len();
            content.waiting.push_back(delivery);
        }
        content.unsettled += content.waiting.len() - before;
        let is_full = content.is_enough() || content.unsettled >= self.limit;
        drop(content);
        if before == 0 || is_full {
            self.arrived.notify_one();
        }
    }

    pub(super) fn settled(&self, count: usize) {
        let mut content = self.content();
        content.unsettled = content.unsettled.saturating_sub(count);
    }

    /// Messages that are here or were handed out, and are not settled.
    pub(super) fn unsettled(&self) -> usize {
        self.content().unsettled
    }

    pub(super) fn is_empty(&self) -> bool {
        self.content().waiting.is_empty()
    }

    /// Since when the first delivery that is here waits; none if there is none.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        let content = self.content();
        content.waiting_since.filter(|_| !content.waiting.is_empty())
    }

    /// Whether waiting can make a batch within this limit larger. If so, the consumer is woken when there are as
    /// many, or when no more can come.
    pub(super) fn may_grow(&self, limit: BatchLimit) -> bool {
        let mut content = self.content();
        content.wanted = limit.messages;
        content.wanted_bytes = limit.bytes;
        !content.waiting.is_empty() && !content.is_enough() && content.unsettled < self.limit
    }

    /// Hands out up to `limit.messages` deliveries, of no more than `limit.bytes` unless the first alone is larger.
    pub(super) fn take(&self, limit: BatchLimit) -> Option<Delivered> {
        let mut content = self.content();
        let settlements = content.settlements.clone()?;
        let (mut count, mut bytes) = (0, 0);
        for delivery in content.waiting.iter().take(limit.messages) {
            if count > 0 && bytes + delivery.body.len() > limit.bytes {
                break;
            }
            count += 1;
            bytes += delivery.body.len();
        }
        if count == 0 {
            return None;
        }
        let first_tag = content.first_tag;
        content.first_tag += count as u64;
        content.bytes -= bytes;
        content.waiting_since = Some(Instant::now());
        let deliveries = content.waiting.drain(..count).collect();
        let ticket = Ticket { first_tag, count, bytes, settlements };
        Some(Delivered { queue: Arc::clone(&self.queue), deliveries, ticket })
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
