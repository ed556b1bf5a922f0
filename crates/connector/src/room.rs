//! Room in memory for messages on their way in: whoever sends more than there is room for waits.
//!
//! Large messages have places of their own, so that a few senders of large messages that take their time keep nobody
//! else waiting.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longer messages are large, in bytes.
pub(crate) const LARGE: usize = 64 << 10;
/// Large messages at a time, over both doors.
const PLACES: usize = 4;
/// What all other messages may take together, in bytes.
const SMALL_BYTES: u32 = 16 << 20;

/// The room; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

/// A part of the room, for as long as it lives. None once the program has no more use for it.
pub(crate) type Taken = Option<OwnedSemaphorePermit>;

impl Default for Room {
    fn default() -> Self {
        Self {
            small: Arc::new(Semaphore::new(SMALL_BYTES as usize)),
            large: Arc::new(Semaphore::new(PLACES)),
        }
    }
}

impl Room {
    /// Waits for room for a message of which so many bytes are there, or more if it turns out to be large.
    pub(crate) async fn take(&self, bytes: usize) -> Taken {
        let taken = if bytes > LARGE {
            Arc::clone(&self.large).acquire_owned().await
        } else {
            let bytes = u32::try_from(bytes).unwrap_or(SMALL_BYTES).clamp(1, SMALL_BYTES);
            Arc::clone(&self.small).acquire_many_owned(bytes).await
        };
        taken.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn large_messages_wait_for_one_another_and_keep_no_small_one_waiting() {
        let room = Room::default();
        let mut taken: Vec<_> = (0..PLACES).map(|_| room.take(LARGE + 1).now_or_never().unwrap()).collect();
        assert!(room.take(LARGE + 1).now_or_never().is_none());
        assert!(room.take(LARGE).now_or_never().is_some());
        taken.pop();
        assert!(room.take(usize::MAX).now_or_never().is_some());
    }

    #[test]
    fn small_messages_have_a_limit_together() {
        let room = Room::default();
        let taken: Vec<_> =
            (0..SMALL_BYTES as usize / LARGE).map(|_| room.take(LARGE).now_or_never().unwrap()).collect();
        assert!(room.take(0).now_or_never().is_none());
        drop(taken);
        assert!(room.take(1).now_or_never().is_some());
    }
}
