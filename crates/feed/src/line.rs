//! What all streams of a feed send through.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use emap_interchange::Features;
use emap_queue::{Batch, GivenUp, Outgoing, Publisher, PublisherSettings, SubmitError, Transport};

use crate::budget::Budget;

/// The publisher and what may be under way. Clones share both.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) budget: Budget,
    /// Bytes of the largest message that is sent.
    pub(crate) message_bytes: usize,
    /// What the receivers understand.
    pub(crate) features: Features,
    /// How many batches were submitted: the publisher takes no two of one name.
    submitted: Arc<AtomicU64>,
}

impl Line {
    /// Starts to connect to the broker.
    pub(crate) fn start(
        transport: Transport,
        settings: PublisherSettings,
        features: Features,
        budget: Budget,
    ) -> Self {
        let message_bytes = settings.max_message_bytes;
        let publisher = Arc::new(Publisher::start(transport, settings));
        Self { publisher, budget, message_bytes, features, submitted: Arc::default() }
    }

    /// Submits the messages of a stream as one batch, behind what was submitted before.
    pub(crate) async fn submit(
        &self,
        stream: &str,
        messages: Vec<Outgoing>,
        on_confirmed: impl FnOnce(Vec<GivenUp>) + Send + 'static,
    ) -> Result<(), SubmitError> {
        let number = self.submitted.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{number}", stream.replace(':', "_"));
        self.publisher.submit(Batch { id, messages, on_confirmed: Box::new(on_confirmed) }).await
    }
}
