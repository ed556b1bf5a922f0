//! Every fault as a real client sees it, over real servers.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod amqp;
mod ledger;
mod postgres;
mod process;
mod server;
