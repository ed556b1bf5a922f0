//! One stream of messages in many orders: which contents of the tables come out?

pub mod contents;
pub mod differences;
mod permutations;
mod report;
mod shortest;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use emap_interchange::Message;
use emap_star::Session;

pub use self::{
    contents::{Cell, Content},
    permutations::Choice,
    report::write,
};
use crate::{
    engine::{DatabaseLost, Engine, Incoming},
    outcome::Outcome,
    rules::Rules,
};

/// What the orders of a stream lead to.
#[derive(Debug, Default)]
pub struct Findings {
    /// Orders that were tried.
    pub orders: usize,
    /// Tables that held rows after at least one order, parents before those that refer to them.
    pub tables: Vec<Table>,
    /// Messages that failed, by position in the stream; refusals that keep what was done before are no failures.
    pub failures: Vec<Failure>,
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
pub struct Failure {
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

/// Processes the messages in each of these orders, every time from an empty memory.
///
/// # Errors
/// Never in memory; the type comes from the engine.
pub fn explore(
    messages: &[Message],
    rules: Rules,
    orders: impl IntoIterator<Item = Vec<usize>>,
) -> Result<Findings, DatabaseLost> {
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
) -> Result<(), DatabaseLost> {
    let stream = Stream::new(messages, rules);
    for table in &mut findings.tables {
        table.shortest = shortest::of(&stream, table, choice)?;
    }
    Ok(())
}

/// Messages that may arrive in any order.
struct Stream {
    messages: Vec<Incoming>,
    rules: Rules,
}

impl Stream {
    fn new(messages: &[Message], rules: Rules) -> Self {
        let queue: Arc<str> = Arc::from("file");
        let incoming = |message: &Message| Incoming::of(Arc::clone(&queue), Vec::new(), Ok(message.clone()));
        Self { messages: messages.iter().map(incoming).collect(), rules }
    }

    fn explore(&self, orders: impl IntoIterator<Item = Vec<usize>>) -> Result<Findings, DatabaseLost> {
        let mut gathered = Gathered::default();
        for order in orders {
            let contents = self.arrive(&order, |position, reason| gathered.failed(position, reason))?;
            gathered.ended(&order, contents);
        }
        Ok(gathered.findings())
    }

    /// What the messages at these positions, one after the other, make of empty tables. `failed` is told of those that
    /// failed as a whole, and why.
    fn arrive(
        &self,
        order: &[usize],
        mut failed: impl FnMut(usize, String),
    ) -> Result<Vec<(&'static str, Content)>, DatabaseLost> {
        let mut engine = Engine::new(Session::in_memory(), self.rules);
        for (position, message) in
            order.iter().filter_map(|position| Some((*position, self.messages.get(*position)?)))
        {
            for report in engine.process(std::slice::from_ref(message))? {
                if report.outcome == Outcome::Error {
                    failed(position, report.reason.unwrap_or_default());
                }
            }
        }
        Ok(contents::of(engine.session()))
    }
}

/// Findings in the making.
#[derive(Default)]
struct Gathered {
    orders: usize,
    tables: Vec<(&'static str, HashMap<Content, Found>)>,
    failures: BTreeMap<usize, Failure>,
}

/// How a content was found.
struct Found {
    /// How many orders were tried before.
    turn: usize,
    first: Vec<usize>,
    orders: usize,
}

impl Gathered {
    fn failed(&mut self, message: usize, reason: String) {
        self.failures.entry(message).or_insert(Failure { message, orders: 0, reason }).orders += 1;
    }

    fn ended(&mut self, order: &[usize], contents: Vec<(&'static str, Content)>) {
        let turn = self.orders;
        self.orders += 1;
        for (place, (name, content)) in contents.into_iter().enumerate() {
            if self.tables.len() == place {
                self.tables.push((name, HashMap::new()));
            }
            let found = &mut self.tables[place].1;
            let new = || Found { turn, first: order.to_vec(), orders: 0 };
            found.entry(content).or_insert_with(new).orders += 1;
        }
    }

    fn findings(self) -> Findings {
        let tables = self.tables.into_iter().map(|(name, found)| {
            let mut found: Vec<_> = found.into_iter().collect();
            found.sort_unstable_by_key(|(_, found)| found.turn);
            let contents = found.into_iter().map(|(content, Found { first, orders, .. })| Outlet {
                content,
                first,
                orders,
            });
            Table { name, contents: contents.collect(), shortest: None }
        });
        let held_rows = |table: &Table| table.contents.iter().any(|outlet| !outlet.content.rows().is_empty());
        Findings {
            orders: self.orders,
            tables: tables.filter(held_rows).collect(),
            failures: self.failures.into_values().collect(),
        }
    }
}
