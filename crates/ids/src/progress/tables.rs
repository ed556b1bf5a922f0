//! The tables of progress and rejects, which belong to this crate alone, in whatever schema they are.

use diesel::PgConnection;
use diesel_migrations::embed_migrations;
use emap_postgres::Migrations;

use crate::error::IdsError;

/// The list of steps has a name of its own, as the star schema keeps one of its own steps in the same schema.
const MIGRATIONS: Migrations = Migrations {
    steps: embed_migrations!("../../sql/progress"),
    versions: "__emap_progress_migrations",
    helpers: "",
};

/// Creates the schema, the tables and their columns as far as they are missing.
pub(super) fn ensure(connection: &mut PgConnection, schema: &str) -> Result<(), IdsError> {
    MIGRATIONS.migrate(connection, schema)?;
    Ok(())
}
