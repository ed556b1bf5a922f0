//! How much may be under way: a bound for memory, and for what is sent again after a crash.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bounds shared by all streams of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Items that are sent and whose position or record is not saved yet.
    pub items: u32,
    /// Bytes of message bodies that are not confirmed yet. What is being read and converted comes on top: three blocks
    /// and three batches of each stream.
    pub bytes: u32,
    /// Bytes of one message; an item that gives a larger one is [refused](crate::Refusal::TooLarge). The publisher's
    /// own limit holds as well.
    pub message_bytes: usize,
}

impl Default for Limits {
    /// 50,000 items, 64 MiB under way, messages of any size.
    fn default() -> Self {
        Self { items: 50_000, bytes: 64 << 20, message_bytes: usize::MAX }
    }
}

/// What is still free of the limits. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    limits: Limits,
    items: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// A part of the budget, free again when dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    /// Until the batch is saved.
    pub(crate) items: OwnedSemaphorePermit,
    /// Until the batch is confirmed.
    pub(crate) bytes: OwnedSemaphorePermit,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits as usize));
        Self { limits, items: semaphore(limits.items), bytes: semaphore(limits.bytes) }
    }

    pub(crate) fn message_bytes(&self) -> usize {
        self.limits.message_bytes
    }

    /// Waits for room, behind those who came before. More than there is in all waits for all of it.
    pub(crate) async fn hold(&self, items: usize, bytes: usize) -> Hold {
        // Always in this order: whoever holds bytes has its items already and waits for nothing but the broker.
        let items = acquire(&self.items, items, self.limits.items).await;
        let bytes = acquire(&self.bytes, bytes, self.limits.bytes).await;
        Hold { items, bytes }
    }
}

async fn acquire(semaphore: &Arc<Semaphore>, wanted: usize, most: u32) -> OwnedSemaphorePermit {
    let permits = u32::try_from(wanted).unwrap_or(most).min(most);
    match Arc::clone(semaphore).acquire_many_owned(permits).await {
        Ok(permit) => permit,
        // Nothing ever closes it.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn room_is_given_in_turn_and_the_large_are_not_starved() {
        let limits = Limits { items: 10, bytes: 100, ..Limits::default() };
        let budget = Budget::new(limits);
        let small = budget.hold(1, 60).now_or_never().unwrap();
        let mut larger_than_all = Box::pin(budget.hold(1, 5000));
        assert!((&mut larger_than_all).now_or_never().is_none());
        let mut behind = Box::pin(budget.hold(1, 10));
        assert!((&mut behind).now_or_never().is_none(), "there would be room, but it is not its turn");
        drop(small);
        let large = larger_than_all.now_or_never().unwrap();
        assert!((&mut behind).now_or_never().is_none());
        drop(large);
        assert!(behind.now_or_never().is_some());
    }

    #[test]
    fn bytes_are_free_when_confirmed_and_items_when_saved() {
        let budget = Budget::new(Limits { items: 2, bytes: 2, ..Limits::default() });
        let Hold { items, bytes } = budget.hold(2, 2).now_or_never().unwrap();
        assert!(budget.hold(0, 1).now_or_never().is_none());
        drop(bytes);
        assert!(budget.hold(0, 1).now_or_never().is_some());
        assert!(budget.hold(1, 0).now_or_never().is_none());
        drop(items);
        assert!(budget.hold(1, 1).now_or_never().is_some());
    }
}
