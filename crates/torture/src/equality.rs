//! Which tables have to be equal to those of an undisturbed run.
//!
//! After a fault, messages arrive again, each time together with all messages after them. That changes no row of the
//! present, with the exceptions that docs/order-of-arrival.md names under "Duplicates". Former versions (`…_audit`) may
//! be more.

use std::collections::BTreeMap;

use diesel::{PgConnection, QueryResult};
use emap_test_support::faults::ledger::tables::{Difference, Tables};

use crate::servers::STAR;

/// Columns that a repeated message may change. A movement is reported some minutes after it happened, so that results
/// and values that were measured later may have been reported before it: it is late, and "a late admission, registration
/// or discharge … sets class, arrival and source of the visit back to its own" when it is repeated.
const COLUMNS: [(&str, &str); 4] = [
    ("hospital_visit", "arrival_method"),
    ("hospital_visit", "patient_class"),
    ("hospital_visit", "source_system"),
    ("hospital_visit", "valid_from"),
];
/// Tables that a repeated message may change: all messages about an order, once more, may change it once more.
const TABLES: [&str; 1] = ["lab_order"];

/// Rows that should be equal and are not, and by table how many may differ and do.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// Rows of the undisturbed run.
    pub(crate) rows: usize,
    pub(crate) wrong: Vec<Difference>,
    pub(crate) allowed: BTreeMap<String, usize>,
}

/// The tables of a star, without what may differ.
///
/// # Errors
/// The server's answer.
pub(crate) fn read(star: &mut PgConnection) -> QueryResult<Tables> {
    Tables::read_without(star, STAR, emap_star::known_by, &COLUMNS)
}

/// Compares; `expected` is the undisturbed run.
pub(crate) fn compare(expected: &Tables, found: &Tables) -> Comparison {
    let mut comparison = Comparison { rows: expected.count(), ..Comparison::default() };
    for difference in expected.differences(found) {
        if difference.table.ends_with("_audit") || TABLES.contains(&difference.table.as_str()) {
            *comparison.allowed.entry(difference.table).or_default() += 1;
        } else {
            comparison.wrong.push(difference);
        }
    }
    comparison
}
