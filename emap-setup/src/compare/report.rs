//! What was found, for people and for programs. It names rows by their primary keys: whoever may read them looks them up.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{columns::LeftOut, explained};
use crate::output::{heading, line};

/// Both schemas, table by table.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) tables: Vec<TableReport>,
    pub(super) left_out: Vec<LeftOut>,
}

/// One table.
#[derive(Debug, Serialize)]
pub(super) struct TableReport {
    pub(super) table: String,
    pub(super) rows_a: i64,
    pub(super) rows_b: i64,
    pub(super) only_a: i64,
    pub(super) only_b: i64,
    /// Rows that both have, with other values.
    pub(super) changed: i64,
    /// The columns in which these differ.
    pub(super) columns: BTreeMap<String, Changed>,
    pub(super) examples: Vec<Example>,
}

/// A column that differs in some rows.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    pub(super) rows: i64,
    /// A page of `docs/` that says why it may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explained: Option<&'static str>,
}

impl Changed {
    pub(super) fn new(table: &str, column: &str) -> Self {
        Self { rows: 0, explained: explained::by(table, column) }
    }
}

/// Rows by their primary keys on each side.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(super) enum Example {
    Changed { a: i64, b: i64, columns: Vec<String> },
    OnlyA { a: i64 },
    OnlyB { b: i64 },
}

impl TableReport {
    fn is_equal(&self) -> bool {
        self.only_a + self.only_b + self.changed == 0
    }

    fn equal(&self) -> i64 {
        self.rows_a - self.only_a - self.changed
    }

    fn print(&self) {
        let Self { table, rows_a, rows_b, only_a, only_b, changed, .. } = self;
        line(format_args!(
            "{table:<32} {rows_a:>10} {rows_b:>10} {:>10} {only_a:>8} {only_b:>8} {changed:>8}",
            self.equal()
        ));
        for (column, Changed { rows, explained }) in &self.columns {
            let page = explained.map(|page| format!(" (see {page})")).unwrap_or_default();
            line(format_args!("    {column}: {rows} rows{page}"));
        }
        if let Some(page) = explained::by(table, "").filter(|_| !self.is_equal()) {
            line(format_args!("    rows of this table may differ (see {page})"));
        }
        for example in &self.examples {
            line(match example {
                Example::Changed { a, b, columns } => format!("    A {a}, B {b}: {}", columns.join(", ")),
                Example::OnlyA { a } => format!("    only A {a}"),
                Example::OnlyB { b } => format!("    only B {b}"),
            });
        }
    }
}

impl Report {
    pub(super) fn is_equal(&self) -> bool {
        self.tables.iter().all(TableReport::is_equal)
    }

    pub(super) fn print(&self) {
        line(format_args!(
            "{:<32} {:>10} {:>10} {:>10} {:>8} {:>8} {:>8}",
            "table", "rows A", "rows B", "equal", "only A", "only B", "differ"
        ));
        self.tables.iter().for_each(TableReport::print);
        heading("Not compared");
        for LeftOut { table, column, reason } in &self.left_out {
            let column = column.as_ref().map(|column| format!(".{column}")).unwrap_or_default();
            line(format_args!("  {table}{column}: {reason}"));
        }
        heading(if self.is_equal() { "equal" } else { "different" });
    }

    pub(super) fn print_json(&self) -> serde_json::Result<()> {
        let mut value = serde_json::to_value(self)?;
        value["equal"] = self.is_equal().into();
        line(serde_json::to_string_pretty(&value)?);
        Ok(())
    }
}
