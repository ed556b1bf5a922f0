//! Creates the star schema, or adopts one that another program created and filled.
//!
//! The tables are declared in `sql/star`, one directory for each step, in words that `sql/star/helpers.sql`
//! defines: every declaration adds what is missing and leaves alone what is there. Steps only go forward.
//! Those taken are noted in a table of the schema itself, so a database may hold schemas of different age.

pub use emap_postgres::{MigrationError, MigrationReport};

use diesel::PgConnection;
use emap_postgres::{Config, Migrations, Stop};

const MIGRATIONS: Migrations = Migrations {
    steps: include!(concat!(env!("OUT_DIR"), "/star_steps.rs")),
    versions: "__diesel_schema_migrations",
    // The words that the steps are written in.
    helpers: concat!(
        include_str!("../../../sql/roles/rights.sql"),
        include_str!("../../../sql/star/helpers.sql")
    ),
    after_each: "SELECT pg_temp.set_rights('__diesel_schema_migrations');
                 SELECT pg_temp.grant_to('core', 'usage', 'sequence hibernate_sequence');
                 SELECT pg_temp.grant_to('core', 'usage', 'sequence emap_id_sequence')
                 WHERE to_regclass(format('%I.emap_id_sequence', current_schema())) IS NOT NULL;",
};

/// Brings the schema up to date and makes it the only one on the connection's search path.
///
/// A schema that is missing is created if the role may do so. Several programs may call this at once: one
/// does the work, the others wait for it. Warnings are logged as well as returned.
///
/// # Errors
/// When the name is none, the role lacks a right, or a step fails.
pub fn migrate(connection: &mut PgConnection, schema: &str) -> Result<MigrationReport, MigrationError> {
    MIGRATIONS.migrate(connection, schema, Stop::NEVER)
}

/// The same over a connection of its own, for as long as the program is not to stop.
///
/// # Errors
/// As [`migrate`]; also when the database cannot be reached, or `is_stopped` gave true.
pub fn migrate_until(
    database: &Config,
    schema: &str,
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Result<MigrationReport, MigrationError> {
    MIGRATIONS.migrate_at(database, schema, is_stopped)
}

/// Whether every step known to this program has been taken in the schema of the search path. Only reads.
///
/// # Errors
/// When the connection is lost or the list of steps must not be read.
pub fn is_current(connection: &mut PgConnection) -> Result<bool, MigrationError> {
    MIGRATIONS.is_current(connection)
}

/// Names of the steps known to this program that have not been taken in the schema of the search path. Only reads.
///
/// # Errors
/// As [`is_current`].
pub fn missing(connection: &mut PgConnection) -> Result<Vec<&'static str>, MigrationError> {
    Ok(MIGRATIONS.missing(connection)?.into_iter().map(|step| step.name).collect())
}
