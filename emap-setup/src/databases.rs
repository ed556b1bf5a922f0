//! The databases on a private server: one for the message store, one for the star.

use anyhow::Context;
use emap_local_services::postgres::Server;

/// A database with the schema in it that is used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Database {
    /// Name of the database.
    pub(crate) name: &'static str,
    /// Name of the schema.
    pub(crate) schema: &'static str,
}

/// The message store.
pub(crate) const IDS: Database = Database { name: "ids", schema: "ids" };
/// The star database.
pub(crate) const STAR: Database = Database { name: "star", schema: "star" };
/// Times of day are shown as on the hospital's clocks.
const ZONE: &str = "Europe/London";

/// Creates what is missing of both databases, with an empty message store. Core creates the star tables
/// itself.
pub(crate) fn prepare(server: &Server) -> anyhow::Result<()> {
    for database in [IDS, STAR] {
        create(server, database)?;
    }
    emap_ids::migrate(&server.database_url(IDS.name), IDS.schema).context("the message store")
}

fn create(server: &Server, Database { name, schema }: Database) -> anyhow::Result<()> {
    let found = server.query("postgres", &format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"))?;
    if found.is_empty() {
        server.create_database(name)?;
        // For people who connect with psql; programs say what they want themselves.
        let settings = format!(
            "ALTER DATABASE {name} SET search_path TO {schema}, public; \
             ALTER DATABASE {name} SET timezone TO '{ZONE}'"
        );
        server.query("postgres", &settings)?;
    }
    Ok(())
}
