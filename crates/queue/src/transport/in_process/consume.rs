//! Consuming inside the program.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::Notify;

use super::broker::{Broker, Stored};
use crate::{
    consumer::delivery::Delivery,
    transport::link::{Consume, LinkError, Tap},
};

/// Opens taps.
pub(crate) struct Consuming {
    broker: Broker,
}

impl Consuming {
    pub(super) fn new(broker: Broker) -> Self {
        Self { broker }
    }
}

impl Consume for Consuming {
    type Tap = QueueTap;

    async fn open(&mut self, queue: &str, prefetch: u16) -> Result<QueueTap, LinkError> {
        let arrived = self.broker.arrival_bell(queue).ok_or(LinkError::NoQueue)?;
        let limit = if prefetch == 0 { usize::MAX } else { usize::from(prefetch) };
        Ok(QueueTap {
            broker: self.broker.clone(),
            queue: queue.to_owned(),
            arrived,
            limit,
            last_tag: 0,
            unsettled: BTreeMap::new(),
        })
    }

    async fn lost(&mut self) -> LinkError {
        std::future::pending().await
    }

    async fn close(self) {}
}

/// One consumer of one queue. Dropping it gives back what is unsettled.
pub(crate) struct QueueTap {
    broker: Broker,
    queue: String,
    arrived: Arc<Notify>,
    limit: usize,
    last_tag: u64,
    unsettled: BTreeMap<u64, Stored>,
}

impl QueueTap {
    fn take(&mut self) -> Option<(u64, Delivery)> {
        let stored = self.broker.take(&self.queue)?;
        self.last_tag += 1;
        let delivery = Delivery {
            body: stored.message.body.clone(),
            content_type: Some("application/json".to_owned()),
            content_encoding: Some("UTF-8".to_owned()),
            type_header: Some(stored.message.type_name.to_owned()),
            origin: None,
            redelivered: stored.redelivered,
        };
        self.unsettled.insert(self.last_tag, stored);
        Some((self.last_tag, delivery))
    }
}

impl Tap for QueueTap {
    async fn next(&mut self) -> Option<(u64, Delivery)> {
        loop {
            if self.unsettled.len() >= self.limit {
                // Settling needs this tap, so it is polled anew after it.
                std::future::pending::<()>().await;
            }
            if let Some(taken) = self.take() {
                return Some(taken);
            }
            let arrived = Arc::clone(&self.arrived);
            arrived.notified().await;
        }
    }

    async fn acknowledge(&mut self, tag: u64, multiple: bool) -> Result<(), LinkError> {
        let before = self.unsettled.len();
        if multiple {
            self.unsettled = self.unsettled.split_off(&tag.saturating_add(1));
        } else {
            self.unsettled.remove(&tag);
        }
        self.broker.settle(&self.queue, before - self.unsettled.len());
        Ok(())
    }

    async fn reject(&mut self, tag: u64) -> Result<(), LinkError> {
        self.acknowledge(tag, false).await
    }

    async fn close(self) {}
}

impl Drop for QueueTap {
    fn drop(&mut self) {
        let unsettled = std::mem::take(&mut self.unsettled);
        self.broker.give_back(&self.queue, unsettled.into_values().rev());
    }
}
