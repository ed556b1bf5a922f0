//! One stream of messages in many orders: which contents of the tables come out?

pub mod contents;
pub mod differences;
mod findings;
mod permutations;
mod report;
mod shortest;
mod stream;

pub use self::{
    contents::{Cell, Content},
    findings::{FailedMessage, Findings, Outlet, Shortest, Table},
    permutations::Choice,
    report::write,
};

use emap_interchange::Message;

use self::stream::Stream;
use crate::{engine::Unavailable, rules::Rules};

/// Processes the messages in each of these orders, every time from an empty memory.
///
/// # Errors
/// Never in memory; the type comes from the engine.
pub fn explore(
    messages: &[Message],
    rules: Rules,
    orders: impl IntoIterator<Item = Vec<usize>>,
) -> Result<Findings, Unavailable> {
    Stream::new(messages, rules).explore(orders)
}

/// Finds, for each table with several contents, few of the messages that show it.
///
/// # Errors
/// Never in memory; the type comes from the engine.
pub fn shorten(
    messages: &[Message],
    rules: Rules,
    choice: Choice,
    findings: &mut Findings,
) -> Result<(), Unavailable> {
    let stream = Stream::new(messages, rules);
    for table in &mut findings.tables {
        table.shortest = shortest::of(&stream, table, choice)?;
    }
    Ok(())
}
