//! Questions to a database, answered in JSON.

use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::{Map, Value};

/// A row by its columns.
pub(super) type Row = Map<String, Value>;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The rows of a query.
pub(super) fn rows(connection: &mut PgConnection, query: &str) -> QueryResult<Vec<Row>> {
    let lines: Vec<Line> =
        sql_query(format!("SELECT to_json(found)::text AS line FROM ({query}) AS found")).load(connection)?;
    let row = |line: &Line| match serde_json::from_str(&line.line) {
        Ok(Value::Object(row)) => row,
        // PostgreSQL makes an object of every row.
        _ => Row::new(),
    };
    Ok(lines.iter().map(row).collect())
}

/// A name as SQL takes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL takes it.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Names of the tables of a schema, sorted.
pub(super) fn table_names(connection: &mut PgConnection, schema: &str) -> QueryResult<Vec<String>> {
    let names = rows(
        connection,
        &format!(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = {} \
             AND table_type = 'BASE TABLE' ORDER BY table_name",
            literal(schema)
        ),
    )?;
    Ok(names.iter().filter_map(|row| text(row, "name")).collect())
}

/// A column's text; none if it is null or no text.
pub(super) fn text(row: &Row, column: &str) -> Option<String> {
    row.get(column).and_then(Value::as_str).map(str::to_owned)
}

/// A column's whole number; none if it is null or no number.
pub(super) fn number(row: &Row, column: &str) -> Option<i64> {
    row.get(column).and_then(Value::as_i64)
}
