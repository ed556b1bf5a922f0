//! Whole feeds, over an in-process broker, with a source and a store in memory.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod crashes;
mod endings;
mod limits;
mod readiness;
mod refusals;
mod store;
mod streams;
mod world;
