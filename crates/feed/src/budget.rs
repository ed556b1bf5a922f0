//! How much may be under way: a bound for memory, and for what is sent again after a crash.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bounds shared by all streams of a feed. Bytes are bounded by the publisher: see
/// [`PublisherSettings`](emap_queue::PublisherSettings) for those of one message and of all that are not confirmed. What
/// is being read and converted comes on top: three blocks and three batches of each stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Items that are sent and whose position or record is not saved yet.
    pub items: u32,
}

impl Default for Limits {
    /// 50,000 items.
    fn default() -> Self {
        Self { items: 50_000 }
    }
}

/// What is still free of the limits. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    limits: Limits,
    items: Arc<Semaphore>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, items: Arc::new(Semaphore::new(limits.items as usize)) }
    }

    /// Waits for room, behind those who came before; it is free again when the permit is dropped. More than there is in
    /// all waits for all of it.
    pub(crate) async fn hold(&self, items: usize) -> OwnedSemaphorePermit {
        let permits = u32::try_from(items).unwrap_or(u32::MAX).min(self.limits.items);
        match Arc::clone(&self.items).acquire_many_owned(permits).await {
            Ok(permit) => permit,
            // Nothing ever closes it.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn room_is_given_in_turn_and_the_large_are_not_starved() {
        let budget = Budget::new(Limits { items: 100 });
        let small = budget.hold(60).now_or_never().unwrap();
        let mut larger_than_all = Box::pin(budget.hold(5000));
        assert!((&mut larger_than_all).now_or_never().is_none());
        let mut behind = Box::pin(budget.hold(10));
        assert!((&mut behind).now_or_never().is_none(), "there would be room, but it is not its turn");
        drop(small);
        let large = larger_than_all.now_or_never().unwrap();
        assert!((&mut behind).now_or_never().is_none());
        drop(large);
        assert!(behind.now_or_never().is_some());
    }
}
