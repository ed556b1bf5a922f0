//! Rows that any process may create, whatever patients, visits and departments it has locked: kinds, templates, places,
//! and what has a number in its source system.
//!
//! That such a row changed since it was read shows when it is written ([`Row::update`](crate::Row::update)). That another
//! process created the same row shows here, also in a schema without the unique index that would refuse the second:
//! just before it writes, a batch locks the names of what it creates and looks for them once more.

use diesel::{
    PgConnection, RunQueryDsl,
    sql_types::{Array, Text},
};

use crate::{error::SessionError, tables::Tables};

/// In ascending order. Whoever waits here has locked patients, and waits for nobody who still has to lock patients.
const LOCK: &str = "
    SELECT pg_advisory_xact_lock(key)
    FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1) AS name ORDER BY key) AS in_order";

/// Keeps other processes from creating what the batch creates, until it ends.
///
/// # Errors
/// When another process was first, or the database refuses or is lost.
pub(crate) fn claim(tables: &Tables, connection: &mut PgConnection) -> Result<(), SessionError> {
    let names = tables.shared_names();
    if names.is_empty() {
        return Ok(());
    }
    diesel::sql_query(LOCK).bind::<Array<Text>, _>(names).execute(connection)?;
    tables.check_shared(connection)
}
