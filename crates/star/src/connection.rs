//! Connections to the star database.

use diesel::{PgConnection, connection::SimpleConnection};
use emap_postgres::{Config, schema};

use crate::error::SessionError;

/// Opens a connection that sees the given schema only.
///
/// # Errors
/// When the URL is none of PostgreSQL, or the server cannot be reached or refuses the user.
pub fn connect(url: &str, schema: &str) -> Result<PgConnection, SessionError> {
    let config = Config::from_url(url).map_err(diesel::ConnectionError::from)?;
    let mut connection = config.connect()?;
    schema::use_schema(&mut connection, schema)?;
    connection.batch_execute("SET client_min_messages TO warning; SET timezone TO 'UTC'")?;
    Ok(connection)
}
