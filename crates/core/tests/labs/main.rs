//! Laboratory messages in, rows out: in memory, and the same on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod batches;
mod cancellations;
mod cultures;
mod deletion;
mod fixtures;
mod lab_streams;
mod messages;
mod metadata;
mod order_dependence;
mod orders;
mod permutations;
mod questions;
mod results;

#[path = "../clinical/world.rs"]
mod world;
