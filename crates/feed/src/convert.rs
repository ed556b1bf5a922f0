//! From items of a source to messages.

use emap_interchange::{Features, Message};
use emap_queue::{GivenUp, Outgoing};
use emap_service::panics::Place;

/// Makes messages of items, one item after the other in the order of the source.
pub trait Convert: Send + 'static {
    /// What a source gives.
    type Item: Send + 'static;
    /// What is to be saved besides the position, such as a reject.
    type Record: Send + Sync + 'static;

    /// Adds to `output` what the item gives: messages, records, both or nothing. Runs on a thread for blocking work.
    ///
    /// A panic counts as a [refusal](Refusal::Panicked) of this item; what it had added is dropped.
    fn convert(&mut self, item: &Self::Item, output: &mut Output<Self::Record>);

    /// The record of an item that is left out because of `refusal`; without one it leaves no trace but in the log.
    fn refuse(&mut self, item: &Self::Item, refusal: &Refusal) -> Option<Self::Record>;

    /// The record of a message that the broker will not take at its size. Its item is no longer at hand then; the
    /// message's id says which it was.
    fn given_up(message: &GivenUp) -> Option<Self::Record>;
}

/// Why nothing of an item is sent, whatever its conversion gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The conversion panicked; a mistake in the program.
    #[error("the program failed on it at {0}")]
    Panicked(Place),
    /// A message is larger than [`max_message_bytes`](emap_queue::PublisherSettings::max_message_bytes).
    #[error("its message has {bytes} bytes, more than the {most} that may be sent")]
    TooLarge {
        /// Size of the message as it would be sent.
        bytes: usize,
        /// The limit.
        most: usize,
    },
}

/// What an item gives.
#[derive(Debug)]
pub struct Output<R> {
    pub(crate) messages: Vec<Outgoing>,
    pub(crate) records: Vec<R>,
    features: Features,
}

impl<R> Output<R> {
    pub(crate) fn new(features: Features) -> Self {
        Self { messages: Vec::new(), records: Vec::new(), features }
    }

    /// Adds a message after the ones before. `id` names it in logs; where ids repeat, a suffix is added. Properties
    /// that the receivers do not understand are left out.
    pub fn message(&mut self, id: &str, message: &Message) {
        self.messages.push(Outgoing {
            // The colon separates the id from that of the batch.
            correlation_id: id.replace(':', "_"),
            type_name: message.class_name(),
            body: message.to_json_for(self.features),
        });
    }

    /// Adds a record. It is saved before, or together with, the next position.
    pub fn record(&mut self, record: R) {
        self.records.push(record);
    }

    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        self.records.clear();
    }
}
