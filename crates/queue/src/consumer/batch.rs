//! Batches of deliveries, and what becomes of them.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::delivery::Delivery;

/// How large a batch may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimit {
    /// Messages; at least one is handed out.
    pub messages: usize,
    /// Bytes of their bodies, unless the first alone is larger.
    pub bytes: usize,
}

impl BatchLimit {
    /// So many messages of any size.
    pub fn messages(messages: usize) -> Self {
        Self { messages, bytes: usize::MAX }
    }
}

/// Deliveries of one queue, in order.
#[derive(Debug)]
pub struct Delivered {
    /// Where they are from.
    pub queue: Arc<str>,
    /// At least one.
    pub deliveries: Vec<Delivery>,
    /// To be given back when their fate is known.
    pub ticket: Ticket,
}

/// The right and duty to settle one batch. Dropped unsettled, its messages stay unsettled, and are
/// delivered again to a later connection.
#[derive(Debug)]
#[must_use = "messages that are never settled are delivered again"]
pub struct Ticket {
    pub(super) first_tag: u64,
    pub(super) count: usize,
    pub(super) bytes: usize,
    pub(super) settlements: mpsc::UnboundedSender<Settlement>,
}

impl Ticket {
    /// Whether the batch can still be settled, as far as is known here: it came by a connection that has not ended.
    pub fn is_live(&self) -> bool {
        !self.settlements.is_closed()
    }

    /// Acknowledges the batch, except for the deliveries at the indexes `rejected`, which the broker
    /// drops. Does nothing when the connection they came by is gone: the broker delivers them again.
    /// It is fastest if batches are settled in the order they were handed out.
    pub fn settle(self, rejected: &[usize]) {
        let Self { first_tag, count, bytes, settlements } = self;
        let mut rejected: Vec<u64> =
            rejected.iter().filter(|&&index| index < count).map(|&index| first_tag + index as u64).collect();
        rejected.sort_unstable();
        rejected.dedup();
        // A receiver that is gone is the connection that is gone.
        let _ = settlements.send(Settlement { first_tag, count, bytes, rejected });
    }
}

/// The fate of one batch.
#[derive(Debug)]
pub(super) struct Settlement {
    pub(super) first_tag: u64,
    pub(super) count: usize,
    /// Bytes of their bodies.
    pub(super) bytes: usize,
    /// Tags, rising.
    pub(super) rejected: Vec<u64>,
}

impl Settlement {
    pub(super) fn last_tag(&self) -> u64 {
        self.first_tag + self.count as u64 - 1
    }

    /// The greatest tag that is not rejected.
    pub(super) fn last_accepted(&self) -> Option<u64> {
        self.accepted().next_back()
    }

    pub(super) fn accepted(&self) -> impl DoubleEndedIterator<Item = u64> {
        (self.first_tag..=self.last_tag()).filter(|tag| self.rejected.binary_search(tag).is_err())
    }
}
