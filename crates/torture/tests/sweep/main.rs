//! Every position of one batch's conversation with PostgreSQL and with RabbitMQ, and at each the connection is cut, is
//! held for longer than the daemon waits, a message is refused, or an answer is lost. Whatever happens where: every
//! message has its rows, and is rejected only if it deserves it.
//!
//! The daemons run in this process, with the shortest limits and pauses. As most of the time is spent waiting, several of
//! each sweep at the same time, each over a share of the positions.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod core;
mod positions;
mod reader;
mod world;
