//! Several cores that keep the order of each patient's messages: the messages are divided into partitions by patient,
//! and each partition is processed by one core at a time.
//!
//! | Module | Its part |
//! |---|---|
//! | `key` | which messages belong into one partition |
//! | `distributor` | puts partitions in place and moves messages from core's queues into them; one core at a time |
//! | `claims` | which partitions this core may work on; held with the database session |
//! | `consumers` | takes messages from the partitions that this core may work on |

pub(crate) mod claims;
pub(crate) mod consumers;
pub(crate) mod distributor;
pub(crate) mod key;

use emap_queue::QueueState;

/// What the broker is known to have of partitions; looked at about once a second.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    /// Whether the last look succeeded.
    pub(crate) is_connected: bool,
    /// What is in the queue of each partition that there is.
    pub(crate) states: Vec<QueueState>,
    pub(crate) phase: Phase,
}

/// What is with the division of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Messages are not divided just now: those that were divided before come first.
    Former,
    /// Messages are divided as the settings say.
    InPlace,
    /// There are no partitions, and there will be none.
    Off,
}
