//! Streams of messages in many orders: what must not depend on the order does not, and `core orders` tells the rest.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod command;
mod generated;
mod in_memory;
mod on_postgres;
mod story;
mod ward;
