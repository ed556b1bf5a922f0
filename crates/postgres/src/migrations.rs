//! Forward-only steps that bring a schema up to date, taken by one program at a time.

use std::error::Error;

use diesel::{
    Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    migration::{Migration, MigrationSource},
    pg::Pg,
    sql_query,
    sql_types::{Bool, Text},
};
use diesel_migrations::EmbeddedMigrations;
use tracing::info;

use crate::schema;

/// PostgreSQL cuts longer names, silently.
const LONGEST_NAME: usize = 63;

/// The steps from an empty schema to the present one, and where a schema notes those it has taken.
pub struct Migrations {
    /// The steps, in order of their versions.
    pub steps: EmbeddedMigrations,
    /// Table of the schema that lists the steps taken. Each owner of tables has its own.
    pub versions: &'static str,
    /// SQL that is run before missing steps are taken; empty if they need none.
    pub helpers: &'static str,
}

/// Why a schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// PostgreSQL could not take the name as it is.
    #[error("{0:?} cannot be the name of a schema: it must have 1 to {LONGEST_NAME} bytes and no U+0000")]
    SchemaName(String),
    /// The schema does not exist, and the role must not create it.
    #[error(
        "schema {schema:?} does not exist and cannot be created ({source}): create it, or let the role create it"
    )]
    SchemaMissing {
        /// Name of the schema.
        schema: String,
        /// What PostgreSQL said.
        source: diesel::result::Error,
    },
    /// A step failed; it left nothing behind, those before it are done.
    #[error("step {step} of schema {schema:?} failed: {source}")]
    Step {
        /// Name of the schema.
        schema: String,
        /// Name of the step.
        step: String,
        /// What PostgreSQL said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The embedded steps could not be read.
    #[error("the steps in this program are unusable: {0}")]
    Source(Box<dyn Error + Send + Sync>),
    /// The database refused a statement or was lost.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Text)]
    version: String,
}

impl Migrations {
    /// Brings the schema up to date and makes it the only one on the connection's search path. Gives the names of the
    /// steps taken, in order.
    ///
    /// A schema that is missing is created if the role may do so. Several programs may call this at once, also for
    /// different steps of one schema: one does its work, the others wait for it.
    ///
    /// # Errors
    /// When the name is none, the role lacks a right, or a step fails.
    pub fn migrate(
        &self,
        connection: &mut PgConnection,
        schema: &str,
    ) -> Result<Vec<String>, MigrationError> {
        if schema.is_empty() || schema.len() > LONGEST_NAME || schema.contains('\0') {
            return Err(MigrationError::SchemaName(schema.to_owned()));
        }
        schema::use_schema(connection, schema)?;
        if self.is_current(connection)? {
            return Ok(Vec::new());
        }
        lock(connection, schema)?;
        let taken = self.take_missing_steps(connection, schema);
        let unlocked = unlock(connection, schema);
        let taken = taken?;
        unlocked?;
        Ok(taken)
    }

    /// Whether every step has been taken in the schema of the search path. Only reads.
    ///
    /// # Errors
    /// When the connection is lost or the list of steps must not be read.
    pub fn is_current(&self, connection: &mut PgConnection) -> Result<bool, MigrationError> {
        Ok(self.missing_steps(connection)?.is_empty())
    }

    fn missing_steps(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Vec<Box<dyn Migration<Pg>>>, MigrationError> {
        let taken = self.taken_steps(connection)?;
        let mut steps = MigrationSource::<Pg>::migrations(&self.steps).map_err(MigrationError::Source)?;
        steps.retain(|step| !taken.contains(&step.name().version().to_string()));
        steps.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
        Ok(steps)
    }

    fn taken_steps(&self, connection: &mut PgConnection) -> QueryResult<Vec<String>> {
        let noted = sql::<Bool>("to_regclass(").bind::<Text, _>(self.versions).sql(") IS NOT NULL");
        if !diesel::select(noted).get_result(connection)? {
            return Ok(Vec::new());
        }
        let taken: Vec<Taken> =
            sql_query(format!("SELECT version::text FROM {}", self.versions)).load(connection)?;
        Ok(taken.into_iter().map(|step| step.version).collect())
    }

    fn take_missing_steps(
        &self,
        connection: &mut PgConnection,
        schema: &str,
    ) -> Result<Vec<String>, MigrationError> {
        schema::ensure(connection, schema)
            .map_err(|source| MigrationError::SchemaMissing { schema: schema.to_owned(), source })?;
        // Another program may have taken them while this one waited for the lock.
        let missing = self.missing_steps(connection)?;
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        if !self.helpers.is_empty() {
            connection.batch_execute(self.helpers)?;
        }
        // The form of diesel's own table.
        connection.batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS {} (
                 version varchar(50) PRIMARY KEY NOT NULL,
                 run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)",
            self.versions
        ))?;
        let mut taken = Vec::new();
        for step in missing {
            let name = step.name().to_string();
            self.take(connection, step.as_ref()).map_err(|source| MigrationError::Step {
                schema: schema.to_owned(),
                step: name.clone(),
                source,
            })?;
            info!(schema, step = name, "migration applied");
            taken.push(name);
        }
        Ok(taken)
    }

    fn take(
        &self,
        connection: &mut PgConnection,
        step: &dyn Migration<Pg>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        connection.transaction(|connection| {
            step.run(connection)?;
            sql_query(format!("INSERT INTO {} (version) VALUES ($1)", self.versions))
                .bind::<Text, _>(step.name().version().to_string())
                .execute(connection)?;
            Ok(())
        })
    }
}

/// The lock belongs to the connection, not to a transaction: each step has its own.
fn lock(connection: &mut PgConnection, schema: &str) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_lock(hashtextextended('emap schema ' || $1, 0))")
        .bind::<Text, _>(schema)
        .execute(connection)
        .map(drop)
}

fn unlock(connection: &mut PgConnection, schema: &str) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_unlock(hashtextextended('emap schema ' || $1, 0))")
        .bind::<Text, _>(schema)
        .execute(connection)
        .map(drop)
}
