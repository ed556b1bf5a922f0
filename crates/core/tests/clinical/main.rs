//! Clinical messages in, rows out: in memory, and the same on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod advance_decisions;
mod allergies;
mod batches;
mod consults;
mod flowsheets;
mod infections;
mod mappings;
mod messages;
mod problems;
mod same_everywhere;
mod world;
