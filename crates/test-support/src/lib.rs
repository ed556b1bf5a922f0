//! What tests of several crates share: fresh databases, fixture files, messages about invented patients, faults.
//!
//! A dev-dependency only; its functions panic where a test would have to give up anyway.
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod database;
pub mod faults;
pub mod fixtures;
pub mod messages;
pub mod raw_amqp;
mod seeded;

pub use self::seeded::seeded;
