//! Faults on demand.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What happens to a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection is cut after so many rows.
    CutAfter(usize),
    /// The server refuses it with this number.
    Refuse(i32),
    /// It takes so long before it begins.
    Delay(Duration),
}

/// Faults that wait for their queries.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<(String, Fault)>>);

impl Faults {
    pub(crate) fn add(&self, part: &str, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((part.to_owned(), fault));
    }

    /// The first fault that waits for a query, once.
    pub(crate) fn take(&self, query: &str) -> Option<Fault> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = waiting.iter().position(|(part, _)| query.contains(part.as_str()))?;
        Some(waiting.remove(place).1)
    }
}
