//! Everything between databases and queue, through the driver, over TCP: the queries, the check, the daemon.
//!
//! The databases are the invented ones of `test-files/clarity` and `test-files/caboodle`, in the stand-in for SQL Server.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod checks;
mod daemon;
mod queries;
mod site;
