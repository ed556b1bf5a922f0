//! Patient messages in, rows out: in memory, and the same on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod batches;
mod hospital_visits;
mod locations;
mod people;
mod same_everywhere;
mod world;
