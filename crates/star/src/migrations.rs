//! Creates the star schema, or adopts one that another program created and filled.
//!
//! The tables are declared in `sql/star`, one directory for each step, in words that `sql/star/helpers.sql`
//! defines: every declaration adds what is missing and leaves alone what is there. Steps only go forward.
//! Those taken are noted in a table of the schema itself, so a database may hold schemas of different age.

use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use diesel_migrations::embed_migrations;
use emap_postgres::Migrations;
use tracing::warn;

pub use emap_postgres::MigrationError;

const MIGRATIONS: Migrations = Migrations {
    steps: embed_migrations!("../../sql/star"),
    versions: "__diesel_schema_migrations",
    // The words that the steps are written in.
    helpers: include_str!("../../../sql/star/helpers.sql"),
};

/// What [`migrate`] did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// Names of the steps taken, in order; empty if the schema was up to date.
    pub applied: Vec<String>,
    /// What could not be done as declared, because of rows or columns that were there before. Names tables
    /// and columns, never values.
    pub warnings: Vec<String>,
}

/// Brings the schema up to date and makes it the only one on the connection's search path.
///
/// A schema that is missing is created if the role may do so. Several programs may call this at once: one
/// does the work, the others wait for it. Warnings are logged as well as returned.
pub fn migrate(connection: &mut PgConnection, schema: &str) -> Result<MigrationReport, MigrationError> {
    match MIGRATIONS.migrate(connection, schema) {
        Ok(applied) if applied.is_empty() => Ok(MigrationReport::default()),
        Ok(applied) => Ok(MigrationReport { applied, warnings: warnings(connection, schema)? }),
        Err(error) => {
            // What the steps before the failed one had to leave out. There may be nothing to read yet.
            let _ = warnings(connection, schema);
            Err(error)
        }
    }
}

/// Whether every step known to this program has been taken in the schema of the search path. Only reads.
pub fn is_current(connection: &mut PgConnection) -> Result<bool, MigrationError> {
    MIGRATIONS.is_current(connection)
}

#[derive(QueryableByName)]
struct Warning {
    #[diesel(sql_type = Text)]
    warning: String,
}

fn warnings(connection: &mut PgConnection, schema: &str) -> diesel::QueryResult<Vec<String>> {
    let warnings: Vec<Warning> =
        sql_query("SELECT warning FROM pg_temp.adoption_warning ORDER BY id").load(connection)?;
    for Warning { warning } in &warnings {
        warn!(schema, "star schema: {warning}");
    }
    Ok(warnings.into_iter().map(|warning| warning.warning).collect())
}
