//! One of the two databases: read-only, at one moment.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text,
};
use emap_postgres::{Config, quote_identifier};

/// Names of columns by table.
pub(super) type Columns = BTreeMap<String, Vec<String>>;

/// An open snapshot of a schema.
pub(super) struct Side {
    pub(super) connection: PgConnection,
    pub(super) columns: Columns,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    column: String,
}

impl Side {
    pub(super) fn open(url: &str, schema: &str) -> anyhow::Result<Self> {
        let config = Config::from_url(url)?;
        let mut connection = config.connect().with_context(|| config.to_string())?;
        // The settings are those that decide how a value is written.
        connection.batch_execute(&format!(
            "SET search_path TO {}; SET timezone TO 'UTC'; SET datestyle TO 'ISO'; SET extra_float_digits TO 1; \
             SET bytea_output TO 'hex'; SET jit TO off; \
             BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            quote_identifier(schema)
        ))?;
        let columns = columns(&mut connection, schema)?;
        if columns.is_empty() {
            bail!("{config} has no schema {schema}, or no table in it that may be read");
        }
        Ok(Self { connection, columns })
    }
}

fn columns(connection: &mut PgConnection, schema: &str) -> diesel::QueryResult<Columns> {
    let found: Vec<Column> = sql_query(
        "SELECT c.relname::text AS table, a.attname::text AS column
         FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE s.nspname = $1 AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition AND a.attnum > 0
           AND NOT a.attisdropped AND has_table_privilege(c.oid, 'SELECT')
         ORDER BY 1, a.attname",
    )
    .bind::<Text, _>(schema)
    .load(connection)?;
    let mut columns = Columns::new();
    for Column { table, column } in found {
        columns.entry(table).or_default().push(column);
    }
    Ok(columns)
}
