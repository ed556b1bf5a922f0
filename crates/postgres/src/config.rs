//! Where a database is, who connects, and how long that may take.

use std::fmt::{self, Write};

use diesel::{Connection, ConnectionError, ConnectionResult, PgConnection};
use thiserror::Error;

use crate::url::{PostgresUrl, libpq_option, mend_percents, percent_encode};

/// Limits for every connection unless its URL sets them: a server that cannot be reached is given up, and a peer that
/// vanished is noticed, within about a minute. Seconds, but for the count.
const LIMITS: [(&str, u8); 4] =
    [("connect_timeout", 10), ("keepalives_idle", 30), ("keepalives_interval", 10), ("keepalives_count", 3)];

/// A text that is not the URL of a PostgreSQL database. It is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a URL of the form jdbc:postgresql://host:port/database")]
pub struct NotPostgres;

/// A database and the user that connects to it.
///
/// It displays as its address, without user and password.
#[derive(Clone)]
pub struct Config {
    url: PostgresUrl,
    user: Option<String>,
    password: Option<String>,
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgresql://{}/{}", self.url.hosts, self.url.database)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Config {
    /// Reads `[jdbc:]postgresql://[user[:password]@][host[:port]][/database][?options]`, `postgres://…`, or the short
    /// JDBC form `jdbc:postgresql:database`. Options that only the Java driver knows are left out.
    ///
    /// # Errors
    /// When it is no such URL.
    pub fn from_url(url: &str) -> Result<Self, NotPostgres> {
        let url = PostgresUrl::parse(url).ok_or(NotPostgres)?;
        Ok(Self { url, user: None, password: None })
    }

    /// The same with a user and a password, as they are, in place of those in the URL.
    #[must_use]
    pub fn with_login(self, user: Option<String>, password: Option<String>) -> Self {
        Self { user: user.or(self.user), password: password.or(self.password), ..self }
    }

    /// The libpq connection URL, password included: hand it to the driver, never to a log.
    pub fn connection_string(&self) -> String {
        self.url_with(&[])
    }

    /// Opens a connection, within the time limits of this crate unless the URL sets others.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses the user or has no room.
    pub fn connect(&self) -> ConnectionResult<PgConnection> {
        PgConnection::establish(&self.url_with(&LIMITS))
    }

    fn url_with(&self, defaults: &[(&str, u8)]) -> String {
        let Self { url, .. } = self;
        let mut written = format!("postgresql://{}{}/{}", self.user_info(), url.hosts, url.database);
        let options = url.options.iter().filter_map(|(name, value)| libpq_option(name, value));
        let mut options: Vec<(&str, String)> = options.collect();
        for (name, value) in defaults {
            if options.iter().all(|(given, _)| given != name) {
                options.push((name, value.to_string()));
            }
        }
        for (index, (name, value)) in options.iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            // Writing to a string cannot fail.
            let _ = write!(written, "{separator}{name}={value}");
        }
        written
    }

    fn user_info(&self) -> String {
        let in_url = self.url.user_info.as_deref().unwrap_or_default();
        let (url_user, url_password) = match in_url.split_once(':') {
            Some((user, password)) => (user, Some(mend_percents(password))),
            None => (in_url, None),
        };
        let encoded = |text: &Option<String>| text.as_deref().map(percent_encode);
        let user = encoded(&self.user).unwrap_or_else(|| mend_percents(url_user));
        match encoded(&self.password).or(url_password) {
            Some(password) => format!("{user}:{password}@"),
            None if user.is_empty() => String::new(),
            None => format!("{user}@"),
        }
    }
}

impl From<NotPostgres> for ConnectionError {
    fn from(error: NotPostgres) -> Self {
        Self::InvalidConnectionUrl(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_added_unless_given() {
        let with_limits = |url| Config::from_url(url).unwrap().url_with(&LIMITS);
        assert_eq!(
            with_limits("postgresql://h/x"),
            "postgresql://h/x?connect_timeout=10&keepalives_idle=30&keepalives_interval=10&keepalives_count=3"
        );
        let given = with_limits("jdbc:postgresql://h/x?loginTimeout=3&keepalives_count=9");
        assert!(given.starts_with("postgresql://h/x?connect_timeout=3&keepalives_count=9&"), "{given}");
        assert_eq!(given.matches("connect_timeout").count(), 1);
    }

    #[test]
    fn a_login_wins_over_that_of_the_url_and_is_never_shown() {
        let config = Config::from_url("postgresql://emap:a%b@127.0.0.1:5/x").unwrap();
        assert_eq!(config.connection_string(), "postgresql://emap:a%25b@127.0.0.1:5/x");
        let other = config.with_login(Some("the reader".into()), Some("p@ss/word".into()));
        assert_eq!(other.connection_string(), "postgresql://the%20reader:p%40ss%2Fword@127.0.0.1:5/x");
        assert_eq!(format!("{other} {other:?}"), "postgresql://127.0.0.1:5/x postgresql://127.0.0.1:5/x");
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_repeated() {
        let error = Config::from_url("host=h password=secret").unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }
}
