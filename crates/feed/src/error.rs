//! What ends a feed before its time.

use emap_queue::SubmitError;

/// A mistake in the program; whatever the world does to a feed, it waits and goes on. Progress of what was confirmed
/// before is saved.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// A part of the feed panicked. Where is in the log; what it said may be patient data and is left out.
    #[error("stream {0} broke down")]
    Stream(String),
    /// The part that saves progress panicked.
    #[error("the saving of progress broke down")]
    Saver,
    /// The publisher refused a batch.
    #[error("stream {stream}: {error}")]
    Refused {
        /// Name of the stream.
        stream: String,
        /// Why.
        error: SubmitError,
    },
}
