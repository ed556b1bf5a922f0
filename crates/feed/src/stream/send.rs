//! Submits batches to the publisher as far as the limits allow.

use std::sync::Arc;

use emap_queue::GivenUp;
use tokio::sync::mpsc;

use super::assemble::Assembled;
use crate::{error::FeedError, line::Line, tracker::Tracker};

pub(super) struct Sending<P, R> {
    pub(super) stream: String,
    pub(super) line: Line,
    pub(super) tracker: Arc<Tracker<P, R>>,
    pub(super) on_confirmed: Arc<dyn Fn(usize) + Send + Sync>,
    /// The record of a message that the broker will not take.
    pub(super) given_up: fn(&GivenUp) -> Option<R>,
}

impl<P: Send + 'static, R: Send + 'static> Sending<P, R> {
    /// Works until there are no more batches. What is submitted goes on by itself.
    pub(super) async fn run(self, mut batches: mpsc::Receiver<Assembled<P, R>>) -> Result<(), FeedError> {
        while let Some(batch) = batches.recv().await {
            self.send(batch).await?;
        }
        Ok(())
    }

    async fn send(&self, batch: Assembled<P, R>) -> Result<(), FeedError> {
        let Assembled { messages, settled, items, marks, .. } = batch;
        let hold = self.line.budget.hold(items).await;
        let number = self.tracker.add(settled, items, marks, hold);
        if messages.is_empty() {
            self.tracker.confirm(number);
            return Ok(());
        }
        let (tracker, on_confirmed) = (Arc::clone(&self.tracker), Arc::clone(&self.on_confirmed));
        let count = messages.len();
        let record = self.given_up;
        let confirmed = move |given_up: Vec<GivenUp>| {
            on_confirmed(count - given_up.len());
            tracker.confirm_with(number, given_up.iter().filter_map(record));
        };
        let submitted = self.line.submit(&self.stream, messages, confirmed).await;
        submitted.map_err(|error| FeedError::Refused { stream: self.stream.clone(), error })
    }
}
