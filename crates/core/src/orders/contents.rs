//! What is in the tables, whatever the primary keys: rows as texts, and links as what the other row is known by.

use std::collections::HashMap;

use emap_star::{Inspect, Row, Session, Value, known_by};

/// Columns that say when something was noted, not what.
const LEFT_ASIDE: [&str; 3] = ["valid_from", "stored_from", "stored_until"];
/// Number of a record in its source system: the one key-like column that leads to no row.
const NUMBER_IN_SOURCE: &str = "internal_id";

/// One column of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// Name of the column.
    pub column: &'static str,
    /// Its value; for a link what the other row is known by.
    pub text: String,
    /// The column identifies the row rather than describing it: a link, or a unique value.
    pub names_the_row: bool,
}

/// The rows of one table, without primary keys and times of noting, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Content(Vec<Vec<Cell>>);

impl Content {
    /// These rows, in whatever order.
    pub(super) fn of_rows(mut rows: Vec<Vec<Cell>>) -> Self {
        rows.sort_unstable();
        Self(rows)
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.0
    }
}

/// The content of every table that holds data of patients or their surroundings, by the table's name. Audit twins,
/// effect log and rejects, which say how it came about, are left aside.
pub fn of(session: &Session) -> Vec<(&'static str, Content)> {
    let mut reader = Reader::default();
    session.inspect(&mut reader);
    reader.tables
}

/// Reads the tables, those that others refer to first.
#[derive(Default)]
struct Reader {
    tables: Vec<(&'static str, Content)>,
    /// What rows are known by; all tables draw their primary keys from one sequence.
    known_by: HashMap<i64, String>,
}

impl Inspect for Reader {
    fn table<'r, R: Row>(&mut self, rows: impl Iterator<Item = &'r R>) {
        if R::TABLE.starts_with("etl_") {
            return;
        }
        let keys = known_by(R::TABLE);
        let rows: Vec<&R> = rows.collect();
        // Named first: a row may lead to another one of its own table.
        for row in &rows {
            let name = name_of(&self.cells(*row, keys), keys);
            self.known_by.insert(row.id().number(), name);
        }
        let content = rows.iter().map(|row| self.cells(*row, keys)).collect();
        self.tables.push((R::TABLE, Content::of_rows(content)));
    }
}

impl Reader {
    fn cells<R: Row>(&self, row: &R, keys: &[&[&str]]) -> Vec<Cell> {
        let mut cells = Vec::new();
        row.each_column(|column, value| {
            if LEFT_ASIDE.contains(&column) {
                return;
            }
            let link = match value {
                Value::Integer(id) if column.ends_with("_id") && column != NUMBER_IN_SOURCE => {
                    self.known_by.get(&id)
                }
                _ => None,
            };
            cells.push(Cell {
                column,
                names_the_row: link.is_some() || keys.iter().any(|key| key.contains(&column)),
                text: link.cloned().unwrap_or_else(|| value.to_string()),
            });
        });
        cells
    }
}

/// A row is known by the columns that identify it if they hold something, else by all it holds.
fn name_of(cells: &[Cell], keys: &[&[&str]]) -> String {
    let texts = |key: &[&str]| -> Vec<&str> {
        let of_key = cells.iter().filter(|cell| key.contains(&cell.column));
        of_key.map(|cell| cell.text.as_str()).filter(|text| *text != "null").collect()
    };
    let named = keys.iter().map(|key| texts(key)).find(|texts| !texts.is_empty());
    named.map_or_else(
        || {
            let all: Vec<_> = cells.iter().map(|cell| format!("{}={}", cell.column, cell.text)).collect();
            format!("({})", all.join(", "))
        },
        |texts| texts.join("/"),
    )
}
