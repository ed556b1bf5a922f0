//! The task of one queue over one connection: deliveries in, settlements out.

use std::collections::BTreeMap;

use futures::FutureExt;
use metrics::Counter;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{batch::Settlement, delivery::Delivery, inbox::Inbox};
use crate::{
    byte_budget::ByteBudget,
    transport::link::{LinkError, Tap},
};

/// Deliveries moved to the inbox at a time.
const READY_AT_ONCE: usize = 64;

/// Consumes one queue until its connection ends or the consumer stops. Says whether anything was settled.
pub(super) async fn run<T: Tap>(
    mut tap: T,
    inbox: &Inbox,
    budget: &ByteBudget,
    stop: &CancellationToken,
) -> bool {
    let (sender, mut settlements) = mpsc::unbounded_channel();
    inbox.open(sender);
    let mut settler = Settler::new(inbox, budget);
    loop {
        tokio::select! {
            biased;
            Some(settlement) = settlements.recv() => {
                if settler.settle(&mut tap, &settlement).await.is_err() {
                    break;
                }
            }
            () = stop.cancelled() => break,
            first = tap.next() => match first {
                Some((_, first)) => take_ready(&mut tap, first, inbox),
                None => break,
            },
        }
    }
    inbox.close();
    while let Ok(settlement) = settlements.try_recv() {
        if settler.settle(&mut tap, &settlement).await.is_err() {
            break;
        }
    }
    budget.lift();
    tap.close().await;
    settler.settled_to > 0
}

/// Moves a delivery and those that are there already to the inbox.
fn take_ready<T: Tap>(tap: &mut T, first: Delivery, inbox: &Inbox) {
    let mut ready = Vec::with_capacity(READY_AT_ONCE);
    ready.push(first);
    while ready.len() < READY_AT_ONCE {
        match tap.next().now_or_never() {
            Some(Some((_, delivery))) => ready.push(delivery),
            // The end of the deliveries is noticed again by the next regular call.
            Some(None) | None => break,
        }
    }
    inbox.push(ready.into_iter());
}

/// Acknowledges and rejects deliveries, with as few commands as the order of settling allows.
struct Settler<'i> {
    inbox: &'i Inbox,
    budget: &'i ByteBudget,
    /// All tags up to this one are settled.
    settled_to: u64,
    /// Batches settled before their turn: first tag and last tag.
    early: BTreeMap<u64, u64>,
    acknowledged: Counter,
    rejected: Counter,
}

impl<'i> Settler<'i> {
    fn new(inbox: &'i Inbox, budget: &'i ByteBudget) -> Self {
        let queue = inbox.queue.to_string();
        Self {
            inbox,
            budget,
            settled_to: 0,
            early: BTreeMap::new(),
            acknowledged: metrics::counter!("emap_consumer_acknowledged_total", "queue" => queue.clone()),
            rejected: metrics::counter!("emap_consumer_rejected_total", "queue" => queue),
        }
    }

    async fn settle<T: Tap>(&mut self, tap: &mut T, settlement: &Settlement) -> Result<(), LinkError> {
        for tag in &settlement.rejected {
            tap.reject(*tag).await?;
        }
        if settlement.first_tag == self.settled_to + 1 {
            // Everything before is settled, so "all up to here" is this batch.
            if let Some(tag) = settlement.last_accepted() {
                tap.acknowledge(tag, true).await?;
            }
        } else {
            for tag in settlement.accepted() {
                tap.acknowledge(tag, false).await?;
            }
        }
        self.advance(settlement);
        Ok(())
    }

    fn advance(&mut self, settlement: &Settlement) {
        self.early.insert(settlement.first_tag, settlement.last_tag());
        while let Some(last) = self.early.remove(&(self.settled_to + 1)) {
            self.settled_to = last;
        }
        self.inbox.settled(settlement.count);
        self.budget.release(settlement.bytes);
        self.rejected.increment(settlement.rejected.len() as u64);
        self.acknowledged.increment((settlement.count - settlement.rejected.len()) as u64);
    }
}
