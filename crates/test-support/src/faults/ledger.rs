//! Whether the promise was kept: sent = logged + rejected + queued, and the tables are what they should be.
//!
//! | module | question |
//! |---|---|
//! | [`balance`] | Is any message lost, and how many were taken in twice? |
//! | [`reception`] | Is every message that was acknowledged in the message store, once and in order? |
//! | [`actions`] | Was every document of the connector's outbox published, in order? |
//! | [`tables`] | Do two schemas hold the same, apart from primary keys and times of processing? |
//! | [`history`] | Do the versions of each row follow each other without a gap? |
//! | [`markers`] | Does a file hold patient data that was planted to be found? |
//!
//! The order of a run: let the daemons end or drain, then read the [`balance::Account`], then compare.

pub mod actions;
pub mod balance;
pub mod history;
pub mod markers;
pub mod queues;
pub mod reception;
mod sql;
pub mod tables;
