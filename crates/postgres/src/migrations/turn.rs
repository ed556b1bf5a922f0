//! One program migrates a schema at a time.

use std::time::Duration;

use diesel::{
    PgConnection, QueryResult, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Text},
};

use super::{error::MigrationError, stop::Stop};

/// Pause between two attempts to get the lock.
const PAUSE: Duration = Duration::from_millis(250);

/// Takes the schema's lock, which belongs to the connection and not to a transaction: each step has its own.
///
/// It is tried again and again instead of being waited for: a program that waits in a statement has an open transaction,
/// and the program that holds the lock would wait for its end when it builds an index concurrently.
pub(super) fn take(
    connection: &mut PgConnection,
    schema: &str,
    stop: &Stop<'_>,
) -> Result<(), MigrationError> {
    let mut waits = false;
    while !ask(connection, "pg_try_advisory_lock", schema)? {
        if !waits {
            tracing::info!(schema, "another program migrates the schema, waiting for it");
            waits = true;
        }
        stop.pause(PAUSE)?;
    }
    Ok(())
}

/// Gives the lock back.
pub(super) fn give_back(connection: &mut PgConnection, schema: &str) -> QueryResult<()> {
    ask(connection, "pg_advisory_unlock", schema).map(drop)
}

fn ask(connection: &mut PgConnection, function: &str, schema: &str) -> QueryResult<bool> {
    let call = sql::<Bool>(&format!("{function}(hashtextextended('emap schema ' || "))
        .bind::<Text, _>(schema)
        .sql(", 0))");
    diesel::select(call).get_result(connection)
}
