//! Connections to the star database.

use diesel::{ConnectionResult, PgConnection, connection::SimpleConnection};
use emap_postgres::{Config, schema};

use crate::error::SessionError;

/// Opens a connection that sees the given schema only.
///
/// # Errors
/// When the URL is none of PostgreSQL, or the server cannot be reached or refuses the user.
pub fn connect(url: &str, schema: &str) -> Result<PgConnection, SessionError> {
    connect_to(&Config::from_url(url).map_err(diesel::ConnectionError::from)?, schema)
}

/// The same for a URL that has been read.
///
/// # Errors
/// When the server cannot be reached or refuses the user.
pub fn connect_to(config: &Config, schema: &str) -> Result<PgConnection, SessionError> {
    in_schema(config.connect(), schema)
}

/// The same for statements that rightly take long, such as those of a migration: without a limit of time.
///
/// # Errors
/// As [`connect_to`].
pub fn connect_for_long_statements(config: &Config, schema: &str) -> Result<PgConnection, SessionError> {
    in_schema(config.connect_for_long_statements(), schema)
}

fn in_schema(connection: ConnectionResult<PgConnection>, schema: &str) -> Result<PgConnection, SessionError> {
    let mut connection = connection?;
    schema::use_schema(&mut connection, schema)?;
    connection.batch_execute("SET client_min_messages TO warning; SET timezone TO 'UTC'")?;
    Ok(connection)
}
