//! Messages that may arrive in any order, and what each order makes of empty tables.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use emap_interchange::Message;
use emap_star::Session;

use super::{
    contents::{self, Content},
    findings::{FailedMessage, Findings, Outlet, Table},
};
use crate::{
    engine::{Engine, Unavailable},
    incoming::Incoming,
    outcome::Outcome,
    rules::Rules,
};

/// Messages that may arrive in any order.
pub(super) struct Stream {
    messages: Vec<Incoming>,
    rules: Rules,
}

impl Stream {
    pub(super) fn new(messages: &[Message], rules: Rules) -> Self {
        let queue: Arc<str> = Arc::from("file");
        let incoming = |message: &Message| Incoming::of(Arc::clone(&queue), Vec::new(), Ok(message.clone()));
        Self { messages: messages.iter().map(incoming).collect(), rules }
    }

    /// What each of these orders leads to, every time from an empty memory.
    pub(super) fn explore(
        &self,
        orders: impl IntoIterator<Item = Vec<usize>>,
    ) -> Result<Findings, Unavailable> {
        let mut gathered = Gathered::default();
        for order in orders {
            let contents = self.arrive(&order, |position, reason| gathered.failed(position, reason))?;
            gathered.ended(&order, contents);
        }
        Ok(gathered.findings())
    }

    /// What the messages at these positions, one after the other, make of empty tables. `failed` gets those that
    /// failed as a whole, and why.
    pub(super) fn arrive(
        &self,
        order: &[usize],
        mut failed: impl FnMut(usize, String),
    ) -> Result<Vec<(&'static str, Content)>, Unavailable> {
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
    failures: BTreeMap<usize, FailedMessage>,
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
        self.failures.entry(message).or_insert(FailedMessage { message, orders: 0, reason }).orders += 1;
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
