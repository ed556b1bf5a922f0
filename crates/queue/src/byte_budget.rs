//! How many bytes of messages may be held at a time.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    task::Waker,
};

use futures::task::AtomicWaker;

/// Bytes of message bodies that one connection has delivered and that are not settled yet. Counting messages alone
/// would let a few thousand documents of some megabytes fill the memory.
#[derive(Debug)]
pub(crate) struct ByteBudget {
    limit: AtomicUsize,
    held: AtomicUsize,
    room: AtomicWaker,
}

impl ByteBudget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: AtomicUsize::new(limit), held: AtomicUsize::new(0), room: AtomicWaker::new() }
    }

    /// A message of so many bytes is on its way here.
    pub(crate) fn hold(&self, bytes: u64) {
        self.held.fetch_add(usize::try_from(bytes).unwrap_or(usize::MAX >> 1), Ordering::AcqRel);
    }

    /// So many bytes were settled.
    pub(crate) fn release(&self, bytes: usize) {
        let less = |held: usize| Some(held.saturating_sub(bytes));
        let _ = self.held.fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        self.room.wake();
    }

    /// Whether no further message may be begun. One message may go beyond the limit, so that none is ever too large
    /// to come at all.
    pub(crate) fn is_used_up(&self) -> bool {
        self.held.load(Ordering::Acquire) >= self.limit.load(Ordering::Acquire)
    }

    /// No limit from now on: the connection is being closed, and the broker's answer to that must be read.
    pub(crate) fn lift(&self) {
        self.limit.store(usize::MAX, Ordering::Release);
        self.room.wake();
    }

    /// Wakes the task when something is released.
    pub(crate) fn wake_when_released(&self, waker: &Waker) {
        self.room.register(waker);
    }
}

#[cfg(test)]
mod tests {
    use super::ByteBudget;

    #[test]
    fn one_message_may_exceed_the_limit_and_then_none_begins() {
        let budget = ByteBudget::new(100);
        budget.hold(99);
        assert!(!budget.is_used_up());
        budget.hold(5000);
        assert!(budget.is_used_up());
        budget.release(99);
        assert!(budget.is_used_up());
        budget.release(6000);
        assert!(!budget.is_used_up());
        budget.hold(100);
        budget.lift();
        assert!(!budget.is_used_up());
    }
}
