//! Which tables have to be equal to those of an undisturbed run.
//!
//! After a fault, messages arrive again, each time together with all messages after them. That changes no row of the
//! present, with the exceptions that docs/order-of-arrival.md names under "Duplicates". Former versions (`…_audit`) may
//! be more.

use std::collections::BTreeMap;

use emap_test_support::faults::ledger::tables::{Difference, Tables};

/// Tables that a repeated message may change, and why.
const EXCEPTIONS: [(&str, &str); 1] =
    [("lab_order", "all messages about an order, once more, change it once more")];

/// Rows that should be equal and are not, by table; then those of tables that may differ.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// Rows of the undisturbed run.
    pub(crate) rows: usize,
    pub(crate) wrong: Vec<Difference>,
    /// Rows that may differ, by table.
    pub(crate) allowed: BTreeMap<String, usize>,
}

/// Compares; `expected` is the undisturbed run.
pub(crate) fn compare(expected: &Tables, found: &Tables) -> Comparison {
    let mut comparison = Comparison { rows: expected.count(), ..Comparison::default() };
    for difference in expected.differences(found) {
        let is_former = difference.table.ends_with("_audit");
        if is_former || EXCEPTIONS.iter().any(|(table, _)| *table == difference.table) {
            *comparison.allowed.entry(difference.table).or_default() += 1;
        } else {
            comparison.wrong.push(difference);
        }
    }
    comparison
}
