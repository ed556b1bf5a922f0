//! The tables of progress and rejects, which belong to this crate alone, in whatever schema they are.

use diesel::PgConnection;
use emap_postgres::{Config, MigrationError, MigrationReport, Migrations};

use crate::{connection::Address, error::IdsError};

/// The list of steps has a name of its own, as the star schema keeps one of its own steps in the same schema.
const MIGRATIONS: Migrations = Migrations {
    steps: include!(concat!(env!("OUT_DIR"), "/progress_steps.rs")),
    versions: "__emap_progress_migrations",
    helpers: include_str!("../../../../sql/roles/rights.sql"),
    after_each: "SELECT pg_temp.set_rights(c.oid)
                 FROM pg_class c
                 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'v')
                   AND (c.relname ~ '^etl_(ids|monitor_reader)' OR c.relname = '__emap_progress_migrations');",
};

/// Creates the schema, the tables and their columns as far as they are missing.
pub(super) fn ensure(
    connection: &mut PgConnection,
    address: &Address,
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Result<(), IdsError> {
    if !MIGRATIONS.is_current(connection)? {
        migrate(address.config(), address.schema(), is_stopped)?;
    }
    Ok(())
}

/// The same for a program that does nothing else, until `is_stopped` gives true; says what was done.
///
/// # Errors
/// When the database is not reachable, the role lacks a right, a step fails, or it was stopped.
pub fn migrate(
    database: &Config,
    schema: &str,
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Result<MigrationReport, MigrationError> {
    MIGRATIONS.migrate_at(database, schema, is_stopped)
}
