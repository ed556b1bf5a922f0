//! What is compared: tables and columns that both sides have, but for those that say when and by whom a row was
//! processed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::side::Columns;

/// Columns that depend on when a message was processed.
const WALL_CLOCK: [&str; 2] = ["stored_from", "stored_until"];

/// What the programs keep for themselves, and facts that only one system keeps, begins or ends so.
const OF_PROGRAMS: [&str; 4] = ["etl_", "__", "databasechangelog", "flyway_"];

/// The end of an audit twin's name.
pub(super) const AUDIT: &str = "_audit";

/// The columns of each table that are compared, without its primary key.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) tables: BTreeMap<String, Vec<String>>,
}

/// Something that is not compared.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LeftOut {
    pub(super) table: String,
    /// None: the whole table.
    pub(super) column: Option<String>,
    pub(super) reason: &'static str,
}

impl Plan {
    pub(super) fn of(a: &Columns, b: &Columns, ignored: &[(String, String)]) -> (Self, Vec<LeftOut>) {
        let (mut tables, mut left_out) = (BTreeMap::new(), Vec::new());
        let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for name in names {
            let whole = |reason| LeftOut { table: name.clone(), column: None, reason };
            let (in_a, in_b) = match (a.get(name), b.get(name)) {
                _ if OF_PROGRAMS.iter().any(|start| name.starts_with(start)) => {
                    left_out.push(whole("of the programs themselves"));
                    continue;
                }
                (Some(in_a), Some(in_b)) => (in_a, in_b),
                (Some(_), None) => {
                    left_out.push(whole("only in A"));
                    continue;
                }
                _ => {
                    left_out.push(whole("only in B"));
                    continue;
                }
            };
            let mut compared = Vec::new();
            let all: BTreeSet<&String> = in_a.iter().chain(in_b).collect();
            for column in all.into_iter().filter(|column| **column != primary_key(name)) {
                let is_ignored = ignored.iter().any(|(table, other)| table == name && other == column);
                let reason = match (in_a.contains(column), in_b.contains(column)) {
                    _ if WALL_CLOCK.contains(&column.as_str()) => Some("time of processing"),
                    _ if is_ignored => Some("--ignore"),
                    (true, false) => Some("only in A"),
                    (false, true) => Some("only in B"),
                    _ => None,
                };
                match reason {
                    None => compared.push(column.clone()),
                    Some("time of processing") => {}
                    Some(reason) => {
                        left_out.push(LeftOut { table: name.clone(), column: Some(column.clone()), reason });
                    }
                }
            }
            tables.insert(name.clone(), compared);
        }
        left_out.push(LeftOut {
            table: "every table".to_owned(),
            column: Some(WALL_CLOCK.join(", ")),
            reason: "time of processing",
        });
        (Self { tables }, left_out)
    }

    /// Both sides have this column of this table, whether or not it is compared.
    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }
}

/// Name of a table's primary key.
pub(super) fn primary_key(table: &str) -> String {
    format!("{table}_id")
}

/// The table whose former versions an audit twin holds.
pub(super) fn live(table: &str) -> Option<&str> {
    table.strip_suffix(AUDIT)
}
