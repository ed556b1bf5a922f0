//! What a daemon has done.

use crate::phases::PhaseTimes;

/// How many messages ended how, and what it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All messages that were taken from the queues and settled.
    pub messages: u64,
    /// Those that ended in an error and were kept among the rejects.
    pub errors: u64,
    /// Those deliberately not applied.
    pub ignored: u64,
    /// Where the time went.
    pub times: PhaseTimes,
}
