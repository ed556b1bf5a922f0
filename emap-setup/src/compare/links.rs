//! Columns that lead to rows of other tables.

use super::columns::{Plan, live, primary_key};

/// Numbers of records in their source systems: no links, though they are called like some.
const NUMBERS: [&str; 3] = ["internal_id", "note_id", "source_id"];

/// Links that are not called after the table they lead to.
const OTHER_NAMES: [(&str, &str); 4] = [
    ("live_mrn_id", "mrn"),
    ("previous_location_id", "location"),
    ("parent_location_visit_id", "location_visit"),
    ("matched_movement_id", "planned_movement"),
];

/// Where the answers of questions belong, by `parent_table`.
const PARENTS: [(&str, &str); 3] = [
    ("LAB_SAMPLE", "lab_sample"),
    ("CONSULT_REQUEST", "consultation_request"),
    ("ADVANCE_DECISION", "advance_decision"),
];

/// A table that a column may lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) table: String,
    /// Only for rows with this value of `parent_table`.
    pub(super) parent_table: Option<&'static str>,
}

/// Where a column of a table leads to; nowhere for most.
pub(super) fn of(plan: &Plan, table: &str, column: &str) -> Vec<Link> {
    let to = |table: &str| Link { table: table.to_owned(), parent_table: None };
    if let Some((_, target)) = OTHER_NAMES.iter().find(|(name, _)| *name == column) {
        return vec![to(target)];
    }
    if column == "parent_id" && live(table).unwrap_or(table) == "request_answer" {
        let parents = PARENTS.iter().filter(|(_, target)| plan.has(target));
        return parents
            .map(|(name, target)| Link { table: (*target).to_owned(), parent_table: Some(name) })
            .collect();
    }
    let named = column.strip_suffix("_id").filter(|_| !NUMBERS.contains(&column));
    let target = named.filter(|target| plan.has(target) && primary_key(target) == column);
    target.map(|target| vec![to(target)]).unwrap_or_default()
}
