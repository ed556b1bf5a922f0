//! The `emap` command: what people run who set EMAP up, develop it or want to see it work.

pub mod check;
pub mod cli;
pub mod compare;
pub mod compose;
pub mod configuration;
mod databases;
pub mod demo;
pub mod docker;
pub mod environment;
pub mod home;
pub mod instance;
pub mod interrupt;
mod log;
pub mod logins;
pub mod messages;
mod output;
pub mod replay;
pub mod retention;
pub mod roles;
pub mod services;
pub mod setup;
mod sources;
pub mod switch;
pub mod validation;
