//! Publishing inside the program: the outcome is known at once.

use std::{collections::VecDeque, sync::Arc};

use super::broker::Broker;
use crate::{
    publisher::batch::Outgoing,
    transport::link::{LinkError, Outcome, Publish},
};

/// Publishes to one queue.
pub(crate) struct Publishing {
    broker: Broker,
    queue: String,
    outcomes: VecDeque<Outcome>,
}

impl Publishing {
    pub(super) fn new(broker: Broker, queue: &str) -> Self {
        Self { broker, queue: queue.to_owned(), outcomes: VecDeque::new() }
    }
}

impl Publish for Publishing {
    fn send(&mut self, message: &Arc<Outgoing>) {
        self.outcomes.push_back(self.broker.publish(&self.queue, Arc::clone(message)));
    }

    async fn outcome(&mut self) -> Result<Outcome, LinkError> {
        match self.outcomes.pop_front() {
            Some(outcome) => Ok(outcome),
            None => std::future::pending().await,
        }
    }

    fn is_blocked(&self) -> bool {
        false
    }

    async fn close(self) {}
}
