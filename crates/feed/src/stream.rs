//! One stream: from its source to the publisher.

mod assemble;
mod convert;
mod pace;
mod read;
mod send;

pub use self::pace::{BatchLimit, Pace};

use std::sync::Arc;

use emap_queue::Backoff;
use emap_service::Component;
use tokio::sync::mpsc;

use crate::{
    convert::Convert, error::FeedError, line::Line, off_thread::OffThread, source::Source, tracker::Tracker,
};

/// Reads a source, converts what it gives and sends it, in order.
pub struct Stream<S, C> {
    /// Names the stream in logs and errors.
    pub name: String,
    /// What is read.
    pub source: S,
    /// What makes messages of it.
    pub conversion: C,
    /// Reports whether the source can be read.
    pub health: Component,
    /// How much makes a batch.
    pub batch: BatchLimit,
    /// How far the source may be read ahead.
    pub pace: Pace,
    /// Pauses before the source is tried again after a failure.
    pub pauses: Backoff,
    /// Called with the number of messages whenever a batch is confirmed; must not block.
    pub on_confirmed: Box<dyn Fn(usize) + Send + Sync>,
}

impl<S: Source, C: Convert<Item = S::Item>> Stream<S, C> {
    /// A stream with the usual batches and pauses (1 s doubling to 30 s) that reads ahead.
    pub fn new(name: impl Into<String>, source: S, conversion: C, health: Component) -> Self {
        Self {
            name: name.into(),
            source,
            conversion,
            health,
            batch: BatchLimit::default(),
            pace: Pace::default(),
            pauses: Backoff::seconds(1, 30),
            on_confirmed: Box::new(|_| ()),
        }
    }

    /// Works until the source has ended and everything is submitted; gives the reason of the source. What is dropped
    /// in the middle counts as not sent.
    pub(crate) async fn run(
        self,
        line: Line,
        tracker: Arc<Tracker<S::Position, C::Record>>,
    ) -> Result<Option<S::End>, FeedError> {
        let limit =
            assemble::Limit { batch: self.batch, message_bytes: line.message_bytes, features: line.features };
        // One of each waits while another is worked on, so that reading, converting and sending overlap.
        let (blocks_in, blocks) = mpsc::channel(1);
        let (batches_in, batches) = mpsc::channel(1);
        let read = read::Reading::new(self.source, self.health, self.pauses, self.pace, Arc::clone(&tracker));
        let sending = send::Sending {
            stream: self.name,
            line,
            tracker,
            on_confirmed: self.on_confirmed.into(),
            given_up: C::given_up,
        };
        let (end, (), ()) = tokio::try_join!(
            async { Ok::<_, FeedError>(read.run(blocks_in).await) },
            async {
                convert::run(OffThread::new(self.conversion), limit, blocks, batches_in).await;
                Ok(())
            },
            sending.run(batches),
        )?;
        Ok(end)
    }
}
