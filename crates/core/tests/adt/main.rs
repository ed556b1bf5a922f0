//! Patient messages in, rows out: in memory, and the same on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod batches;
mod deletion;
mod hospital_visits;
mod identifiers;
mod locations;
mod merges;
mod moved_visits;
mod opt_outs;
mod people;
mod planned_movements;
mod same_everywhere;
mod swaps;
mod versions;
mod world;
