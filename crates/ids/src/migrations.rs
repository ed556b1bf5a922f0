//! Creating the message store, for sites (and tests) where nothing else does.

use crate::connection::{Address, quoted_name};
use crate::{DEFAULT_ZONE, IdsError};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../sql/ids");

/// Creates the schema and the table `tbl_ids_master` unless they are there. The reader never calls this by itself:
/// the store belongs to the hospital.
///
/// # Errors
/// When the database is not reachable or refuses.
pub fn migrate(url: &str, schema: &str) -> Result<(), IdsError> {
    let address = Address { url: url.into(), schema: schema.into(), zone: DEFAULT_ZONE, read_only: false };
    let mut connection = address.connect()?;
    ensure_schema(&mut connection, schema)?;
    let applied = connection.run_pending_migrations(MIGRATIONS);
    applied.map(|_| ()).map_err(|error| IdsError::Migration(error.to_string()))
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Creates the schema only if it is missing: `IF NOT EXISTS` alone asks for the right to create one even then.
pub(crate) fn ensure_schema(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<(), diesel::result::Error> {
    let query = sql_query("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS found");
    if query.bind::<Text, _>(schema).get_result::<Found>(connection)?.found {
        return Ok(());
    }
    connection.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", quoted_name(schema)))
}
