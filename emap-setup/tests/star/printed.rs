//! The tables as text that is the same in every run: links are followed to what people know the other row by, primary
//! keys and times of processing are left out.

use std::collections::{BTreeMap, HashMap};

use emap_star::known_by;
use emap_test_support::database::Database;
use serde_json::{Map, Value};

type Row = Map<String, Value>;

/// Number of a record in its source system: the one key-like column that leads to no row.
const NUMBER_IN_SOURCE: &str = "internal_id";
/// Columns that depend on when the test runs, or repeat a whole message.
const LEFT_OUT: [&str; 9] = [
    "stored_from",
    "stored_until",
    "processing_start_time",
    "processing_end_time",
    "process_message_duration",
    "stack_trace",
    "rejected_at",
    "body",
    "id",
];

/// Every table that has rows, printed.
pub(crate) fn tables(database: &Database) -> BTreeMap<String, String> {
    let tables: BTreeMap<String, Vec<Row>> = names(database)
        .into_iter()
        .map(|name| (rows(database, &name), name))
        .filter(|(rows, _)| !rows.is_empty())
        .map(|(rows, name)| (name, rows))
        .collect();
    let links = Links::between(&tables);
    tables.iter().map(|(name, rows)| (name.clone(), printed(name, rows, &links))).collect()
}

fn names(database: &Database) -> Vec<String> {
    database.rows(&format!(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = '{}' \
         AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_%'",
        database.schema()
    ))
}

fn rows(database: &Database, table: &str) -> Vec<Row> {
    // Instants are in the zone of the connection: UTC on a private server.
    let lines = database.rows(&format!("SELECT to_json(found)::text FROM {table} AS found"));
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A paragraph for each row, a line for each column that is not null; sorted.
fn printed(table: &str, rows: &[Row], links: &Links) -> String {
    let mut paragraphs: Vec<String> = rows.iter().map(|row| paragraph(table, row, links)).collect();
    paragraphs.sort_unstable();
    paragraphs.join("\n")
}

fn paragraph(table: &str, row: &Row, links: &Links) -> String {
    let key = format!("{table}_id");
    let first = telling(table, row);
    let place = |column: &String| first.iter().position(|(name, _)| name == column).unwrap_or(first.len());
    let mut columns: Vec<_> = row
        .iter()
        .filter(|(column, value)| **column != key && !LEFT_OUT.contains(&column.as_str()) && !value.is_null())
        .collect();
    columns.sort_by_key(|(column, _)| (place(column), column.as_str()));
    let lines =
        columns.into_iter().map(|(column, value)| format!("{column}: {}\n", links.text(column, value)));
    lines.collect::<Vec<_>>().concat()
}

/// The columns that tell this row from others, as far as they hold something.
fn telling<'r>(table: &str, row: &'r Row) -> Vec<(&'static str, &'r Value)> {
    let held = |set: &&'static [&'static str]| -> Vec<_> {
        set.iter().map(|column| (*column, &row[*column])).filter(|(_, value)| !value.is_null()).collect()
    };
    let mut sets = known_by(table.trim_end_matches("_audit")).iter().map(held);
    sets.find(|set| !set.is_empty()).unwrap_or_default()
}

/// What each primary key leads to. All tables draw their keys from one sequence.
#[derive(Default)]
struct Links<'t> {
    rows: HashMap<i64, Vec<(&'static str, &'t Value)>>,
}

impl<'t> Links<'t> {
    /// Rows that are there, and former versions of those that were deleted.
    fn between(tables: &'t BTreeMap<String, Vec<Row>>) -> Self {
        let mut links = Self::default();
        let deleted_last = |name: &&String| name.ends_with("_audit");
        let (former, present): (Vec<_>, Vec<_>) = tables.keys().partition(deleted_last);
        for name in present.into_iter().chain(former) {
            let key = format!("{}_id", name.trim_end_matches("_audit"));
            for row in &tables[name] {
                if let Some(id) = row.get(&key).and_then(Value::as_i64) {
                    links.rows.entry(id).or_insert_with(|| telling(name, row));
                }
            }
        }
        links
    }

    /// A value; for a link what the other row is known by.
    fn text(&self, column: &str, value: &Value) -> String {
        match value {
            Value::Number(id) if column.ends_with("_id") && column != NUMBER_IN_SOURCE => {
                let known = id.as_i64().and_then(|id| self.rows.get(&id));
                let known = known.unwrap_or_else(|| panic!("{column}: nothing is known of row {id}"));
                known.iter().map(|(column, value)| self.text(column, value)).collect::<Vec<_>>().join(" / ")
            }
            Value::String(text) => text.replace('\n', "\\n"),
            value => value.to_string(),
        }
    }
}
