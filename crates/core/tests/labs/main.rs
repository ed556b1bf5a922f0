//! Laboratory messages in, rows out: in memory, and the same on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod batches;
mod cancellations;
mod cultures;
mod fixtures;
mod messages;
mod metadata;
mod orders;
mod permutations;
mod questions;
mod results;
mod same_everywhere;
#[path = "../clinical/world.rs"]
mod world;
