//! What a schema has: those of earlier releases lack tables and columns that rules are about.

use diesel::{PgConnection, QueryResult};
use emap_postgres::schema;

/// Begins a piece of a query that belongs to it only where there is a column: `/*has TABLE.COLUMN: PIECE*/`.
const HAS: &str = "/*has ";

/// Whether the schema has a table, or a column given as `table.column`.
pub(super) fn is_present(connection: &mut PgConnection, name: &str) -> QueryResult<bool> {
    match name.split_once('.') {
        Some((table, column)) => schema::has_column(connection, table, column),
        None => schema::has_table(connection, name),
    }
}

/// The query with the pieces whose columns are there.
pub(super) fn with_present_columns(connection: &mut PgConnection, query: &str) -> QueryResult<String> {
    let mut pieces = query.split(HAS);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (conditional, rest) = piece.split_once("*/").unwrap_or((piece, ""));
        let (column, text) = conditional.split_once(": ").unwrap_or((conditional, ""));
        if is_present(connection, column)? {
            whole.push_str(text);
        }
        whole.push_str(rest);
    }
    Ok(whole)
}
