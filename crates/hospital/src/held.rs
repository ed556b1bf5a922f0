//! What comes later than it was made.

use std::collections::BTreeMap;

/// Items to be passed on later.
#[derive(Debug)]
pub(crate) struct Held<T> {
    /// By the place in the stream they are due at.
    items: BTreeMap<u64, Vec<T>>,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new() }
    }
}

impl<T> Held<T> {
    pub(crate) fn keep(&mut self, due: u64, item: T) {
        self.items.entry(due).or_default().push(item);
    }

    /// One that is due at this place or was before.
    pub(crate) fn due(&mut self, place: u64) -> Option<T> {
        let mut first = self.items.first_entry().filter(|entry| *entry.key() <= place)?;
        let item = first.get_mut().pop();
        if first.get().is_empty() {
            first.remove();
        }
        item
    }
}
