//! Why a schema could not be brought up to date.

use std::error::Error;

/// PostgreSQL cuts longer names, silently.
pub(super) const LONGEST_NAME: usize = 63;

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
    /// A step failed; it will be taken again as a whole, those before it are done.
    #[error("step {step} of schema {schema:?} failed: {source}")]
    Step {
        /// Name of the schema.
        schema: String,
        /// Name of the step.
        step: String,
        /// What PostgreSQL said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The program is to stop. The step that was being taken will be taken again.
    #[error("stopped before the schema was up to date")]
    Stopped,
    /// The database refused a statement or was lost.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    /// The database cannot be reached.
    #[error("cannot connect: {0}")]
    Connection(#[from] diesel::ConnectionError),
}
