//! The main loop between a real message store and a broker.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_rows;
mod command;
mod generations;
mod late_rows;
mod lost_services;
mod one_reader;
mod process;
mod progress;
mod readiness;
mod retry;
mod site;
mod stopping;
mod unwilling;
mod window;
