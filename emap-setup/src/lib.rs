//! The `emap` command: what people run who set EMAP up, develop it or want to see it work.

pub mod cli;
mod databases;
pub mod demo;
pub mod messages;
mod output;
pub mod replay;
pub mod services;
