//! Schemas: quoting, looking, creating.

use diesel::{
    PgConnection, QueryResult, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    sql_types::{Bool, Text},
};

/// A name of any characters as an SQL identifier.
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Makes a schema the only one in which the connection looks for names without one.
///
/// # Errors
/// When the connection is lost.
pub fn use_schema(connection: &mut PgConnection, schema: &str) -> QueryResult<()> {
    connection.batch_execute(&format!("SET search_path TO {}", quote_identifier(schema)))
}

/// Whether the database has a schema of this name.
///
/// # Errors
/// When the connection is lost.
pub fn exists(connection: &mut PgConnection, schema: &str) -> QueryResult<bool> {
    let exists =
        sql::<Bool>("EXISTS (SELECT FROM pg_namespace WHERE nspname = ").bind::<Text, _>(schema).sql(")");
    diesel::select(exists).get_result(connection)
}

/// Whether the connection's schema has a table, or a view, of this name.
///
/// # Errors
/// When the connection is lost.
pub fn has_table(connection: &mut PgConnection, table: &str) -> QueryResult<bool> {
    let has = sql::<Bool>(
        "EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ",
    );
    diesel::select(has.bind::<Text, _>(table).sql(")")).get_result(connection)
}

/// Whether a table of the connection's schema has a column of this name.
///
/// # Errors
/// When the connection is lost.
pub fn has_column(connection: &mut PgConnection, table: &str, column: &str) -> QueryResult<bool> {
    let has = sql::<Bool>(
        "EXISTS (SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                 WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ",
    );
    let has = has.bind::<Text, _>(table).sql(" AND a.attname = ").bind::<Text, _>(column).sql(")");
    diesel::select(has).get_result(connection)
}

/// Creates the schema if it is missing. One that is there needs no right to create any.
///
/// # Errors
/// When it is missing and the role must not create it.
pub fn ensure(connection: &mut PgConnection, schema: &str) -> QueryResult<()> {
    if exists(connection, schema)? {
        return Ok(());
    }
    match connection.batch_execute(&format!("CREATE SCHEMA {}", quote_identifier(schema))) {
        // Another program that starts at the same moment may have been first.
        Err(error) => exists(connection, schema)?.then_some(()).ok_or(error),
        created => created,
    }
}
