//! Which batches are not confirmed yet, and the callbacks of those that are.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{batch::GivenUp, shared::Shared};

/// The batches under way, oldest first.
pub(super) struct Ledger {
    open: VecDeque<Open>,
    /// Number of the oldest open batch; batches are numbered in the order they begin.
    oldest: u64,
    complete: mpsc::UnboundedSender<Complete>,
}

struct Open {
    remaining: usize,
    complete: Complete,
}

struct Complete {
    id: String,
    given_up: Vec<GivenUp>,
    on_confirmed: Box<dyn FnOnce(Vec<GivenUp>) + Send>,
    /// The bytes of the batch count until its callback has run.
    _room: OwnedSemaphorePermit,
}

impl Ledger {
    /// The ledger, and the task that runs callbacks one after the other until the ledger is gone.
    pub(super) fn new(shared: Arc<Shared>) -> (Self, impl Future<Output = ()> + Send) {
        let (complete, callbacks) = mpsc::unbounded_channel();
        (Self { open: VecDeque::new(), oldest: 0, complete }, run_callbacks(callbacks, shared))
    }

    /// Enters a batch; gives its number.
    pub(super) fn begin(
        &mut self,
        id: String,
        messages: usize,
        on_confirmed: Box<dyn FnOnce(Vec<GivenUp>) + Send>,
        room: OwnedSemaphorePermit,
    ) -> u64 {
        let complete = Complete { id, given_up: Vec::new(), on_confirmed, _room: room };
        self.open.push_back(Open { remaining: messages, complete });
        self.oldest + self.open.len() as u64 - 1
    }

    /// One message of the batch is safe. Batches are complete in the order they began.
    pub(super) fn confirm(&mut self, batch: u64) {
        self.settle(batch, None);
    }

    /// One message of the batch will never be sent.
    pub(super) fn give_up(&mut self, batch: u64, message: GivenUp) {
        self.settle(batch, Some(message));
    }

    fn settle(&mut self, batch: u64, given_up: Option<GivenUp>) {
        let place = batch.checked_sub(self.oldest).and_then(|place| usize::try_from(place).ok());
        if let Some(open) = place.and_then(|place| self.open.get_mut(place)) {
            open.remaining = open.remaining.saturating_sub(1);
            open.complete.given_up.extend(given_up);
        }
        while self.open.front().is_some_and(|open| open.remaining == 0) {
            let Some(open) = self.open.pop_front() else { return };
            self.oldest += 1;
            // The task outlives the ledger unless everything is being dropped.
            let _ = self.complete.send(open.complete);
        }
    }
}

async fn run_callbacks(mut complete: mpsc::UnboundedReceiver<Complete>, shared: Arc<Shared>) {
    while let Some(Complete { id, given_up, on_confirmed, _room }) = complete.recv().await {
        shared.under_way().remove(&id);
        if catch_unwind(AssertUnwindSafe(|| on_confirmed(given_up))).is_err() {
            tracing::error!(batch = id, "callback of a confirmed batch panicked");
        }
        shared.outstanding.send_modify(|count| *count = count.saturating_sub(1));
    }
}
