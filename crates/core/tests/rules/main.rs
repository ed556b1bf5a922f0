//! Messages in, rows out: the rules of every family, in memory and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod adt;
mod batches;
mod clinical;
mod clocks;
mod extracts;
mod labs;
mod messages;
mod order_dependence;
mod reference;
mod same_everywhere;
mod two_cores;
mod unstorable;
mod versions;
#[path = "../orders/ward.rs"]
#[expect(dead_code, reason = "the program `orders` uses all of it")]
mod ward;
mod warnings;
mod what_must_not_matter;
mod world;
