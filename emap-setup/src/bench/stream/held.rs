//! Messages that come later than they were made.

use std::collections::BTreeMap;

use super::StreamMessage;

#[derive(Debug, Default)]
pub(super) struct Held {
    /// By the place in the stream they are due at.
    messages: BTreeMap<u64, Vec<StreamMessage>>,
}

impl Held {
    pub(super) fn keep(&mut self, due: u64, message: StreamMessage) {
        self.messages.entry(due).or_default().push(message);
    }

    /// A message that is due at this place or was before.
    pub(super) fn due(&mut self, place: u64) -> Option<StreamMessage> {
        let mut first = self.messages.first_entry().filter(|entry| *entry.key() <= place)?;
        let message = first.get_mut().pop();
        if first.get().is_empty() {
            first.remove();
        }
        message
    }
}
