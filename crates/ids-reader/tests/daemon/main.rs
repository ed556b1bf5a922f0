//! The main loop between a real message store and a broker.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_rows;
mod command;
mod lost_services;
mod progress;
mod retry;
mod site;
mod unwilling;
mod window;
