//! Creating the message store, for sites (and tests) where nothing else does.

use emap_postgres::{Migrations, Stop};

use crate::{
    connection::{Address, DEFAULT_ZONE},
    error::IdsError,
};

/// The list of steps has a name of its own, as the store may be in a schema that keeps one of its own steps.
const MIGRATIONS: Migrations = Migrations {
    steps: include!(concat!(env!("OUT_DIR"), "/ids_steps.rs")),
    versions: "__emap_ids_migrations",
    helpers: "",
    after_each: "",
};

/// Creates the schema and the table `tbl_ids_master` unless they are there. The reader never calls this by itself:
/// the store belongs to the hospital.
///
/// # Errors
/// When the database is not reachable or refuses.
pub fn migrate(url: &str, schema: &str) -> Result<(), IdsError> {
    let mut connection = Address::new(url, schema, DEFAULT_ZONE, false)?.connect()?;
    MIGRATIONS.migrate(&mut connection, schema, Stop::NEVER)?;
    Ok(())
}
