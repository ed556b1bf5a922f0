//! Forward-only steps that bring a schema up to date while it is in use, taken by one program at a time.
//!
//! No reader or writer is held up for longer than about a second: a step waits only shortly for its locks and
//! tries again, and what takes long is done outside its transaction (`words.sql`, which every step may be written in).

mod error;
mod locking;
mod long_work;
mod step;
mod stop;
mod turn;

pub use self::{error::MigrationError, step::Step, stop::Stop};

use std::error::Error;

use diesel::{
    Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    sql_query,
    sql_types::{Bool, Text},
};
use tracing::{info, warn};

use self::{error::LONGEST_NAME, locking::Attempt};
use crate::{config::Config, schema};

/// What every step may be written in, and what the steps are run by.
const WORDS: &str = include_str!("migrations/words.sql");

/// The steps from an empty schema to the present one, and where a schema notes those it has taken.
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// The steps, in order of their versions.
    pub steps: &'static [Step],
    /// Table of the schema that lists the steps taken. Each owner of tables has its own.
    pub versions: &'static str,
    /// SQL that is run before missing steps are taken; empty if they need none.
    pub helpers: &'static str,
    /// SQL that is run at the end of each step, in its transaction; empty if there is none.
    pub after_each: &'static str,
}

/// What a migration did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// Names of the steps taken, in order; empty if the schema was up to date.
    pub applied: Vec<String>,
    /// What could not be done as declared, because of rows or columns that were there before. Names tables
    /// and columns, never values.
    pub warnings: Vec<String>,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Text)]
    version: String,
}

impl Migrations {
    /// Brings the schema up to date and makes it the only one on the connection's search path.
    ///
    /// A schema that is missing is created if the role may do so. Several programs may call this at once, also for
    /// different steps of one schema: one does its work, the others wait for it. Warnings are logged as well as
    /// returned.
    ///
    /// # Errors
    /// When the name is none, the role lacks a right, a step fails, or the program is to stop.
    pub fn migrate(
        &self,
        connection: &mut PgConnection,
        schema: &str,
        stop: Stop<'_>,
    ) -> Result<MigrationReport, MigrationError> {
        if schema.is_empty() || schema.len() > LONGEST_NAME || schema.contains('\0') {
            return Err(MigrationError::SchemaName(schema.to_owned()));
        }
        schema::use_schema(connection, schema)?;
        if self.is_current(connection)? {
            return Ok(MigrationReport::default());
        }
        turn::take(connection, schema, &stop)?;
        let limits = Limits::lift(connection);
        let report = limits.and_then(|limits| {
            let report = self.take_missing_steps(connection, schema, &stop);
            limits.put_back(connection)?;
            report
        });
        let given_back = turn::give_back(connection, schema);
        let report = report?;
        given_back?;
        Ok(report)
    }

    /// The same over a connection of its own, until `is_stopped` gives true.
    ///
    /// # Errors
    /// Also when the database cannot be reached.
    pub fn migrate_at(
        &self,
        database: &Config,
        schema: &str,
        is_stopped: &(dyn Fn() -> bool + Sync),
    ) -> Result<MigrationReport, MigrationError> {
        let mut connection = database.connect_for_long_statements()?;
        connection.batch_execute("SET client_min_messages TO warning")?;
        self.migrate(&mut connection, schema, Stop::when(is_stopped, database))
    }

    /// Whether every step has been taken in the schema of the search path. Only reads.
    ///
    /// # Errors
    /// When the connection is lost or the list of steps must not be read.
    pub fn is_current(&self, connection: &mut PgConnection) -> Result<bool, MigrationError> {
        Ok(self.missing(connection)?.is_empty())
    }

    /// The steps that the schema of the search path lacks, in order. Only reads.
    ///
    /// # Errors
    /// As [`Migrations::is_current`].
    pub fn missing(&self, connection: &mut PgConnection) -> Result<Vec<Step>, MigrationError> {
        let taken = self.taken_steps(connection)?;
        let mut steps = self.steps.to_vec();
        steps.retain(|step| !taken.contains(&step.version()));
        steps.sort_by_key(Step::version);
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
        stop: &Stop<'_>,
    ) -> Result<MigrationReport, MigrationError> {
        schema::ensure(connection, schema)
            .map_err(|source| MigrationError::SchemaMissing { schema: schema.to_owned(), source })?;
        // Another program may have taken them while this one waited for its turn.
        let missing = self.missing(connection)?;
        let mut report = MigrationReport::default();
        if missing.is_empty() {
            return Ok(report);
        }
        // With something after them, as there may be none.
        connection.batch_execute(&format!("{WORDS}\n{}\nSELECT", self.helpers))?;
        // The form of diesel's own table.
        connection.batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS {} (
                 version varchar(50) PRIMARY KEY NOT NULL,
                 run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)",
            self.versions
        ))?;
        for step in missing {
            let warnings = self.take(connection, schema, step, stop).map_err(|error| match error {
                MigrationError::Database(error) => failed(schema, step, error),
                other => other,
            })?;
            for warning in &warnings {
                warn!(schema, step = step.name, "schema: {warning}");
            }
            info!(schema, step = step.name, "migration applied");
            report.applied.push(step.name.to_owned());
            report.warnings.extend(warnings);
        }
        Ok(report)
    }

    /// Takes a step, in one transaction if it leaves no long work; gives its warnings. If it does, and is interrupted,
    /// it is not noted as taken.
    fn take(
        &self,
        connection: &mut PgConnection,
        schema: &str,
        step: Step,
        stop: &Stop<'_>,
    ) -> Result<Vec<String>, MigrationError> {
        let statements = format!("{}\n;\n{}", step.sql, self.after_each);
        let mut is_noted = false;
        let attempt = locking::until_free(step.name, stop, || {
            connection.transaction(|connection| {
                long_work::forget(connection)?;
                let attempt = locking::attempt(connection, &statements)?;
                is_noted = attempt == Attempt::Done && !long_work::is_left(connection)?;
                if is_noted {
                    self.note(connection, step)?;
                }
                Ok(attempt)
            })
        })?;
        if let Attempt::Impossible(why) = attempt {
            return Err(failed(schema, step, why));
        }
        let mut warnings = noted_warnings(connection)?;
        if !is_noted {
            warnings.extend(long_work::run(connection, stop)?);
            self.note(connection, step)?;
        }
        Ok(warnings)
    }

    fn note(&self, connection: &mut PgConnection, step: Step) -> QueryResult<()> {
        let insert = format!("INSERT INTO {} (version) VALUES ($1)", self.versions);
        sql_query(insert).bind::<Text, _>(step.version()).execute(connection).map(drop)
    }
}

fn failed(schema: &str, step: Step, source: impl Into<Box<dyn Error + Send + Sync>>) -> MigrationError {
    MigrationError::Step { schema: schema.to_owned(), step: step.name.to_owned(), source: source.into() }
}

/// What the words of a step had to leave out; forgets it.
fn noted_warnings(connection: &mut PgConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Warning {
        #[diesel(sql_type = Text)]
        warning: String,
    }
    let warnings: Vec<Warning> =
        sql_query("SELECT warning FROM pg_temp.left_out ORDER BY id").load(connection)?;
    connection.batch_execute("TRUNCATE pg_temp.left_out")?;
    Ok(warnings.into_iter().map(|warning| warning.warning).collect())
}

/// The connection's limits of time. A migration has its own: building an index on a large table may take hours, and
/// no other program waits for it.
#[derive(QueryableByName)]
struct Limits {
    #[diesel(sql_type = Text)]
    lock_timeout: String,
    #[diesel(sql_type = Text)]
    statement_timeout: String,
}

impl Limits {
    /// Takes them off, and gives what they were.
    fn lift(connection: &mut PgConnection) -> Result<Self, MigrationError> {
        let former = sql_query(
            "SELECT current_setting('lock_timeout') AS lock_timeout,
                    current_setting('statement_timeout') AS statement_timeout",
        );
        let former = former.get_result(connection)?;
        connection.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0")?;
        Ok(former)
    }

    fn put_back(&self, connection: &mut PgConnection) -> Result<(), MigrationError> {
        let Self { lock_timeout, statement_timeout } = self;
        Ok(connection.batch_execute(&format!(
            "SET lock_timeout = '{lock_timeout}'; SET statement_timeout = '{statement_timeout}'"
        ))?)
    }
}
