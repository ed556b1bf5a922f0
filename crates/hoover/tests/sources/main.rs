//! Everything between databases and queue, through the driver, over TCP: the queries, the check, the daemon.
//!
//! The databases are the invented ones of `test-files/clarity` and `test-files/caboodle`, in the stand-in for SQL Server; with
//! `HOOVER_TEST_CLARITY_URL` and `HOOVER_TEST_CABOODLE_URL` in a SQL Server, into which they are loaded.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod checks;
mod daemon;
mod edges;
mod ending;
mod known;
mod queries;
mod site;
mod sources;
mod strategy;
