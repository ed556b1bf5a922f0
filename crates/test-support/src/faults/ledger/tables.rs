//! Two star schemas that hold the same rows, apart from their primary keys and the times of processing.
//!
//! A row is compared by its columns. A link shows what the row it leads to is known by: a patient's numbers, a visit's
//! number, and so on, link after link.

use std::collections::{BTreeMap, HashMap};

use diesel::{PgConnection, QueryResult};
use serde_json::Value;

use super::sql::{Row, quoted, rows, table_names};

/// Columns that together distinguish a row of a table from the others; of several sets the first that holds something counts.
pub type KnownBy = fn(table: &str) -> &'static [&'static [&'static str]];

/// When something began to be known that belongs to no patient: the time of the message that is processed first, of
/// whichever patient. Several cores process the messages of different patients in any order.
pub const BY_FIRST_PATIENT: [(&str, &str); 7] = [
    ("condition_type", "valid_from"),
    ("consultation_type", "valid_from"),
    ("lab_battery", "valid_from"),
    ("lab_battery_element", "valid_from"),
    ("lab_test_definition", "valid_from"),
    ("question", "valid_from"),
    ("visit_observation_type", "valid_from"),
];

/// Number of a record in its source system: the one key-like column that leads to no row.
const NUMBER_IN_SOURCE: &str = "internal_id";
/// Columns that depend on when a message was processed.
const TIMES_OF_PROCESSING: [&str; 2] = ["stored_from", "stored_until"];
/// What the programs keep for themselves begins so: effects, rejects, progress, migrations.
const NOT_STAR: [&str; 2] = ["etl_", "__"];
/// A link to this deep is shown; every chain of the schema is shorter.
const DEEPEST: usize = 12;

/// The rows of all star tables, in a form that is the same in every run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables(BTreeMap<String, Vec<String>>);

impl Tables {
    /// Reads a schema.
    ///
    /// # Errors
    /// The server's answer.
    pub fn read(connection: &mut PgConnection, schema: &str, known_by: KnownBy) -> QueryResult<Self> {
        Self::read_without(connection, schema, known_by, &[])
    }

    /// The same without some columns, which are left out of the comparison: tables with their columns.
    ///
    /// # Errors
    /// The server's answer.
    pub fn read_without(
        connection: &mut PgConnection,
        schema: &str,
        known_by: KnownBy,
        without: &[(&str, &str)],
    ) -> QueryResult<Self> {
        let mut tables = BTreeMap::new();
        for name in table_names(connection, schema)? {
            if !NOT_STAR.iter().any(|start| name.starts_with(start)) {
                let query = format!("SELECT * FROM {}.{}", quoted(schema), quoted(&name));
                tables.insert(name, rows(connection, &query)?);
            }
        }
        let links = Links::between(&tables, known_by);
        let shown = tables.iter().map(|(name, rows)| {
            let left_out = |column: &str| without.contains(&(name.as_str(), column));
            let mut shown: Vec<_> = rows.iter().map(|row| links.row(name, row, left_out)).collect();
            shown.sort_unstable();
            (name.clone(), shown)
        });
        Ok(Self(shown.collect()))
    }

    /// Rows, over all tables.
    pub fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Rows that only one of the two has.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let none = Vec::new();
        let mut names: Vec<_> = self.0.keys().chain(other.0.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let mut differences = Vec::new();
        for name in names {
            let (mine, theirs) = (self.0.get(name).unwrap_or(&none), other.0.get(name).unwrap_or(&none));
            for (row, balance) in surplus(mine, theirs) {
                let times = balance.unsigned_abs();
                let only_in = if balance > 0 { Which::First } else { Which::Second };
                differences.push(Difference { table: name.clone(), only_in, row: row.to_owned(), times });
            }
        }
        differences
    }
}

/// A row that only one of two schemas has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// Which of the two has it.
    pub only_in: Which,
    /// Its columns; **holds what the table holds**: for test data only.
    pub row: String,
    /// How many times more than the other.
    pub times: u64,
}

/// One of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one that was asked.
    First,
    /// The one it was compared with.
    Second,
}

/// How often each row is in the first more than in the second; rows that are equally often in both are left out.
fn surplus<'r>(first: &'r [String], second: &'r [String]) -> BTreeMap<&'r str, i64> {
    let mut balance = BTreeMap::new();
    for (rows, one) in [(first, 1), (second, -1)] {
        for row in rows {
            *balance.entry(row.as_str()).or_insert(0) += one;
        }
    }
    balance.retain(|_, times| *times != 0);
    balance
}

/// What each primary key leads to. All tables draw their keys from one sequence.
struct Links<'t> {
    known_by: KnownBy,
    rows: HashMap<i64, (&'t str, &'t Row)>,
}

impl<'t> Links<'t> {
    /// Rows that are there, and former versions of those that were deleted.
    fn between(tables: &'t BTreeMap<String, Vec<Row>>, known_by: KnownBy) -> Self {
        let (former, present): (Vec<_>, Vec<_>) =
            tables.iter().partition(|(name, _)| name.ends_with("_audit"));
        let mut links = HashMap::new();
        for (name, rows) in present.into_iter().chain(former) {
            let name = name.trim_end_matches("_audit");
            let key = format!("{name}_id");
            for row in rows {
                if let Some(id) = row.get(&key).and_then(Value::as_i64) {
                    links.entry(id).or_insert((name, row));
                }
            }
        }
        Self { known_by, rows: links }
    }

    fn row(&self, table: &str, row: &Row, left_out: impl Fn(&str) -> bool) -> String {
        let key = format!("{table}_id");
        let shown = row.iter().filter(|(column, value)| {
            let is_compared = **column != key && !TIMES_OF_PROCESSING.contains(&column.as_str());
            is_compared && !value.is_null() && !left_out(column)
        });
        let shown = shown.map(|(column, value)| format!("{column}: {}", self.value(column, value, 0)));
        shown.collect::<Vec<_>>().join(", ")
    }

    /// A value; for a link what the other row is known by.
    fn value(&self, column: &str, value: &Value, depth: usize) -> String {
        match value {
            Value::Number(id) if column.ends_with("_id") && column != NUMBER_IN_SOURCE => {
                match id.as_i64().and_then(|id| self.rows.get(&id)) {
                    Some((table, row)) if depth < DEEPEST => self.known(table, row, depth),
                    _ => "(leads to no row)".to_owned(),
                }
            }
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }

    fn known(&self, table: &str, row: &Row, depth: usize) -> String {
        let held = |set: &&[&str]| {
            let held = set.iter().filter_map(|column| {
                let value = row.get(*column).filter(|value| !value.is_null())?;
                Some(self.value(column, value, depth + 1))
            });
            held.collect::<Vec<_>>().join(" / ")
        };
        let mut sets = (self.known_by)(table).iter().map(held);
        let known = sets.find(|known| !known.is_empty()).unwrap_or_default();
        format!("{table} {known}")
    }
}
