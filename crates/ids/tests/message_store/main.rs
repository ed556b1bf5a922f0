//! The message store and the progress tables on a private PostgreSQL server.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used)]

mod common;
mod gaps;
mod one_reader;
mod progress;
mod store;
mod window;
