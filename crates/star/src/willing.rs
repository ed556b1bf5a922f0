//! Whether the database would take what a batch writes, asked after it refused one.

use diesel::{Connection, PgConnection, connection::SimpleConnection};

use crate::{error::SessionError, tables::Tables};

/// How long the question waits for a lock of another process.
const LOCK_TIMEOUT: &str = "5s";

/// Does everything that a batch does to every table, with no row: the server checks rights, locks and its own state
/// before it looks for rows. Nothing stays.
pub(crate) fn check(connection: &mut PgConnection) -> Result<(), SessionError> {
    connection.transaction(|connection| {
        connection.batch_execute(&format!("SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))?;
        for table in Tables::NAMES {
            connection.batch_execute(&format!("INSERT INTO {table} SELECT * FROM {table} WHERE false"))?;
            if !only_grows(table) {
                connection.batch_execute(&format!("DELETE FROM {table} WHERE false"))?;
            }
        }
        Ok(())
    })
}

/// A batch removes no row of this table, and its role may have no right to.
fn only_grows(table: &str) -> bool {
    table.ends_with("_audit") || table.starts_with("etl_")
}
