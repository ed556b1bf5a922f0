//! A connection that looks into one schema and knows the hospital's zone.

use crate::IdsError;
use chrono_tz::Tz;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::fmt::Write;

/// Where and how to connect.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) url: String,
    pub(crate) schema: String,
    pub(crate) zone: Tz,
    pub(crate) read_only: bool,
}

impl Address {
    /// Opens a connection; names without schema are looked up in ours.
    pub(crate) fn connect(&self) -> Result<PgConnection, IdsError> {
        let mut connection = PgConnection::establish(&with_time_limits(&self.url))?;
        let read_only = if self.read_only { "on" } else { "off" };
        connection.batch_execute(&format!(
            "SET search_path TO {}; SET TIME ZONE '{}'; SET default_transaction_read_only TO {read_only}",
            quoted_name(&self.schema),
            self.zone.name(),
        ))?;
        Ok(connection)
    }
}

/// The name as an SQL identifier, exactly as written.
pub(crate) fn quoted_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Adds limits to a connection URL, so that a peer that vanished is noticed within about a minute.
fn with_time_limits(url: &str) -> String {
    const LIMITS: [(&str, u8); 4] = [
        ("connect_timeout", 10),
        ("keepalives_idle", 30),
        ("keepalives_interval", 10),
        ("keepalives_count", 3),
    ];
    if !url.contains("://") {
        return url.to_owned();
    }
    let mut limited = url.to_owned();
    for (name, value) in LIMITS.iter().filter(|(name, _)| !url.contains(&format!("{name}="))) {
        limited.push(if limited.contains('?') { '&' } else { '?' });
        // Writing to a string cannot fail.
        let _ = write!(limited, "{name}={value}");
    }
    limited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_added_unless_given() {
        let limited = with_time_limits("postgresql://h/x?connect_timeout=3");
        assert!(limited.starts_with("postgresql://h/x?connect_timeout=3&keepalives_idle=30&"), "{limited}");
        assert!(with_time_limits("postgresql://h/x").starts_with("postgresql://h/x?connect_timeout=10&"));
        assert_eq!(with_time_limits("host=h"), "host=h");
    }
}
