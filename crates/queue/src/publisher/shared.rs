//! What the publisher's handle and its tasks share.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
};

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::batch::Batch;

/// A batch and its share of the bytes that may be under way.
pub(super) struct Admitted {
    pub(super) batch: Batch,
    pub(super) room: OwnedSemaphorePermit,
}

/// What the publisher's handle and its tasks both see.
pub(super) struct Shared {
    pub(super) connected: AtomicBool,
    pub(super) held_back: AtomicBool,
    /// Ids of batches that are waiting or under way.
    pub(super) under_way: Mutex<HashSet<String>>,
    /// Batches whose callback has not run yet.
    pub(super) outstanding: watch::Sender<usize>,
}

impl Shared {
    pub(super) fn under_way(&self) -> MutexGuard<'_, HashSet<String>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
