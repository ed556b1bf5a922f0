//! All processors of a run, as streams of one feed.

use std::sync::Arc;

use emap_feed::{Ended, Ending, Feed, FeedError, Pace, Stream};
use emap_service::{Backoff, Component, Health};

use super::{
    conversion::Conversion,
    figures,
    processor::{Outcome, Processor},
    saved::SavedProgress,
};
use crate::strategy::QueryStrategy;

/// First and longest pause, in seconds, before a source is asked again after a failure.
const PAUSES: (u64, u64) = (1, 60);

/// The processors. Each is a stream of its own: one that fails or waits holds up no other. Those of one source ask it by
/// turns, in the order in which they were registered.
pub(super) struct BatchProcessor {
    feed: Feed<SavedProgress>,
    endings: Vec<(&'static str, Ending<Outcome>)>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Data types that failed too often, with the reason.
    pub failed: Vec<(&'static str, String)>,
    /// Whether all data types were read to the end of the window.
    pub is_complete: bool,
    /// Whether everything that was sent is confirmed and saved.
    pub is_saved: bool,
}

impl BatchProcessor {
    pub(super) fn new(feed: Feed<SavedProgress>) -> Self {
        Self { feed, endings: Vec::new() }
    }

    pub(super) fn register<S: QueryStrategy>(
        &mut self,
        strategy: &Arc<S>,
        processor: Processor<S>,
        health: &Health,
    ) {
        let name = strategy.definition().name;
        let conversion = Conversion { strategy: Arc::clone(strategy) };
        let stream = Stream {
            pace: Pace::MarkByMark,
            pauses: Backoff::seconds(PAUSES.0, PAUSES.1),
            on_confirmed: Box::new(move |messages| figures::messages_confirmed(name, messages)),
            ..Stream::new(name, processor, conversion, health.component(name))
        };
        self.endings.push((name, self.feed.add(stream)));
    }

    /// Works until all data types have ended, or the cancellation.
    pub(super) async fn run(self, store: SavedProgress, health: Component) -> Result<Finished, FeedError> {
        let Ended { confirmed, saved } = self.feed.run(store, health).await?;
        let mut finished = Finished { failed: Vec::new(), is_complete: true, is_saved: confirmed && saved };
        for (name, ending) in self.endings {
            match ending.reached() {
                Some(Outcome::Done) => (),
                Some(Outcome::Failed(error)) => finished.failed.push((name, error.to_string())),
                None => finished.is_complete = false,
            }
        }
        finished.is_complete &= finished.failed.is_empty();
        Ok(finished)
    }
}
