//! Creates the star schema, or adopts one that another program created and filled.
//!
//! The tables are declared in `sql/star`, one directory for each step, in words that `sql/star/helpers.sql`
//! defines: every declaration adds what is missing and leaves alone what is there. Steps only go forward.
//! Those taken are noted in a table of the schema itself, so a database may hold schemas of different age.

use std::error::Error;

use diesel::{
    connection::SimpleConnection,
    dsl::sql,
    migration::{Migration, MigrationSource},
    pg::Pg,
    prelude::*,
    sql_types::{Bool, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use thiserror::Error;
use tracing::{info, warn};

use crate::quote_identifier;

/// The steps from an empty schema to the present one.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../sql/star");

/// What the steps are written in.
const HELPERS: &str = include_str!("../../../sql/star/helpers.sql");

/// PostgreSQL cuts longer names, silently.
const LONGEST_NAME: usize = 63;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What [`migrate`] did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// Names of the steps taken, in order; empty if the schema was up to date.
    pub applied: Vec<String>,
    /// What could not be done as declared, because of rows or columns that were there before. Names tables
    /// and columns, never values.
    pub warnings: Vec<String>,
}

/// Why a schema could not be brought up to date.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// PostgreSQL could not take the name as it is.
    #[error("{0:?} cannot be the name of a schema: it must have 1 to {LONGEST_NAME} bytes and no U+0000")]
    SchemaName(String),
    /// The schema does not exist, and the role must not create it.
    #[error(
        "schema {schema:?} does not exist and cannot be created ({source}): create it, \
         or let the role create it"
    )]
    SchemaMissing {
        /// Name of the schema.
        schema: String,
        /// What PostgreSQL said.
        source: diesel::result::Error,
    },
    /// A step failed; it left nothing behind, those before it are done.
    #[error("step {step} of the star schema failed: {source}")]
    Step {
        /// Name of the step.
        step: String,
        /// What PostgreSQL said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The embedded steps could not be read.
    #[error("the steps of the star schema are unusable: {0}")]
    Source(Box<dyn Error + Send + Sync>),
    /// The database refused a statement or was lost.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
}

/// Brings the schema up to date and makes it the only one on the connection's search path.
///
/// A schema that is missing is created if the role may do so. Several programs may call this at once: one
/// does the work, the others wait for it. Warnings are logged as well as returned.
pub fn migrate(connection: &mut PgConnection, schema: &str) -> Result<MigrationReport, MigrationError> {
    if schema.is_empty() || schema.len() > LONGEST_NAME || schema.contains('\0') {
        return Err(MigrationError::SchemaName(schema.to_owned()));
    }
    connection.batch_execute(&format!("SET search_path TO {}", quote_identifier(schema)))?;
    if is_current(connection)? {
        return Ok(MigrationReport::default());
    }
    lock(connection, schema)?;
    let report = create_schema(connection, schema).and_then(|()| take_missing_steps(connection, schema));
    let unlocked = unlock(connection, schema);
    let report = report?;
    unlocked?;
    Ok(report)
}

/// Whether every step known to this program has been taken in the schema of the search path. Only reads.
pub fn is_current(connection: &mut PgConnection) -> Result<bool, MigrationError> {
    Ok(missing_steps(connection)?.is_empty())
}

fn missing_steps(connection: &mut PgConnection) -> Result<Vec<Box<dyn Migration<Pg>>>, MigrationError> {
    let taken = taken_steps(connection)?;
    let mut steps = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(MigrationError::Source)?;
    steps.retain(|step| !taken.contains(&step.name().version().to_string()));
    steps.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
    Ok(steps)
}

fn taken_steps(connection: &mut PgConnection) -> Result<Vec<String>, diesel::result::Error> {
    let noted = sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
    if diesel::select(noted).get_result(connection)? {
        lines(connection, "SELECT version::text AS line FROM __diesel_schema_migrations")
    } else {
        Ok(Vec::new())
    }
}

fn lines(connection: &mut PgConnection, query: &str) -> Result<Vec<String>, diesel::result::Error> {
    let rows: Vec<Line> = diesel::sql_query(query).load(connection)?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

fn create_schema(connection: &mut PgConnection, schema: &str) -> Result<(), MigrationError> {
    if exists(connection, schema)? {
        return Ok(());
    }
    let created = connection.batch_execute(&format!("CREATE SCHEMA {}", quote_identifier(schema)));
    match created {
        Ok(()) => Ok(()),
        // Another daemon that starts at the same moment may have been first.
        Err(_) if exists(connection, schema)? => Ok(()),
        Err(source) => Err(MigrationError::SchemaMissing { schema: schema.to_owned(), source }),
    }
}

fn exists(connection: &mut PgConnection, schema: &str) -> diesel::QueryResult<bool> {
    let exists =
        sql::<Bool>("EXISTS (SELECT FROM pg_namespace WHERE nspname = ").bind::<Text, _>(schema).sql(")");
    diesel::select(exists).get_result(connection)
}

fn take_missing_steps(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<MigrationReport, MigrationError> {
    // Another program may have taken them while this one waited for the lock.
    if is_current(connection)? {
        return Ok(MigrationReport::default());
    }
    connection.batch_execute(HELPERS)?;
    // Creates diesel's own table.
    connection.applied_migrations().map_err(MigrationError::Source)?;
    let applied = take_steps(connection, schema);
    let warnings = warnings(connection, schema);
    Ok(MigrationReport { applied: applied?, warnings: warnings? })
}

fn take_steps(connection: &mut PgConnection, schema: &str) -> Result<Vec<String>, MigrationError> {
    let mut applied = Vec::new();
    for step in missing_steps(connection)? {
        let name = step.name().to_string();
        if let Err(source) = connection.run_migration(step.as_ref()) {
            return Err(MigrationError::Step { step: name, source });
        }
        info!(schema, step = name, "star schema: step taken");
        applied.push(name);
    }
    Ok(applied)
}

fn warnings(connection: &mut PgConnection, schema: &str) -> Result<Vec<String>, diesel::result::Error> {
    let warnings = lines(connection, "SELECT warning AS line FROM pg_temp.adoption_warning ORDER BY id")?;
    for warning in &warnings {
        warn!(schema, "star schema: {warning}");
    }
    Ok(warnings)
}

/// The lock belongs to the connection, not to a transaction: each step has its own.
fn lock(connection: &mut PgConnection, schema: &str) -> Result<(), diesel::result::Error> {
    diesel::sql_query("SELECT pg_advisory_lock(hashtextextended('emap star schema ' || $1, 0))")
        .bind::<Text, _>(schema)
        .execute(connection)
        .map(drop)
}

fn unlock(connection: &mut PgConnection, schema: &str) -> Result<(), diesel::result::Error> {
    diesel::sql_query("SELECT pg_advisory_unlock(hashtextextended('emap star schema ' || $1, 0))")
        .bind::<Text, _>(schema)
        .execute(connection)
        .map(drop)
}
