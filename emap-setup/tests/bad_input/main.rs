//! Bad input to the daemons themselves: whatever is on the queue or in the message store, each message has a line in the
//! effect log or a reject, each row is confirmed or rejected, and what comes afterwards gets through.

// A panic here is a failed test.
#![allow(clippy::unwrap_used)]

mod boundaries;
mod instances;
mod sent;
mod to_core;
mod to_reader;
mod world;
