//! A connection that looks into one schema and knows the hospital's zone.

use chrono_tz::Tz;
use diesel::{PgConnection, connection::SimpleConnection};
use emap_postgres::{Config, schema::use_schema};

use crate::error::IdsError;

/// The zone of `timestamp` columns unless the caller says otherwise.
pub const DEFAULT_ZONE: Tz = chrono_tz::Europe::London;

/// Where and how to connect.
#[derive(Clone)]
pub(crate) struct Address {
    config: Config,
    schema: String,
    zone: Tz,
    read_only: bool,
}

impl Address {
    pub(crate) fn new(url: &str, schema: &str, zone: Tz, read_only: bool) -> Result<Self, IdsError> {
        let config = Config::from_url(url).map_err(|error| IdsError::Unreachable(error.to_string()))?;
        Ok(Self { config, schema: schema.to_owned(), zone, read_only })
    }

    /// Where the database is.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The schema that is looked into.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// Opens a connection; names without schema are looked up in ours.
    pub(crate) fn connect(&self) -> Result<PgConnection, IdsError> {
        let mut connection = self.config.connect()?;
        use_schema(&mut connection, &self.schema)?;
        let read_only = if self.read_only { "on" } else { "off" };
        connection.batch_execute(&format!(
            "SET TIME ZONE '{}'; SET default_transaction_read_only TO {read_only}; SET client_min_messages TO warning",
            self.zone.name(),
        ))?;
        Ok(connection)
    }
}
