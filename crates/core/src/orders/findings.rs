//! What processing one stream of messages in many orders leads to.

use super::contents::Content;

/// What the orders of a stream lead to.
#[derive(Debug, Default)]
pub struct Findings {
    /// Orders that were tried.
    pub orders: usize,
    /// Tables that held rows after at least one order, parents before those that refer to them.
    pub tables: Vec<Table>,
    /// Messages that failed, by position in the stream; refusals that keep what was done before are no failures.
    pub failures: Vec<FailedMessage>,
}

/// The final contents of one table.
#[derive(Debug)]
pub struct Table {
    /// Name of the table.
    pub name: &'static str,
    /// Every content that came out, in the order of their first appearance.
    pub contents: Vec<Outlet>,
    /// If it was asked for: few messages that alone show that the order matters.
    pub shortest: Option<Shortest>,
}

/// A stream from which no message can be left out without the order ceasing to matter to a table.
#[derive(Debug)]
pub struct Shortest {
    /// The messages, as positions in the whole stream.
    pub stream: Vec<usize>,
    /// What they lead to.
    pub contents: Vec<Outlet>,
}

/// A final content and what led to it.
#[derive(Debug)]
pub struct Outlet {
    /// The rows.
    pub content: Content,
    /// The first order that led here, as positions in the stream.
    pub first: Vec<usize>,
    /// How many orders led here.
    pub orders: usize,
}

/// A message that failed as a whole.
#[derive(Debug)]
pub struct FailedMessage {
    /// Position in the stream.
    pub message: usize,
    /// In how many orders it failed.
    pub orders: usize,
    /// Why it failed the first time.
    pub reason: String,
}

impl Findings {
    /// The table of this name, if it ever held a row.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}
