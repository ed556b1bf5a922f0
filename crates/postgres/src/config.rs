//! Where a database is, and who connects.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use diesel::ConnectionError;
use thiserror::Error;

use crate::{
    options::{BadOption, Options, in_libpq},
    url::{NoUrl, PostgresUrl, percent_encode},
};

/// A text that is not the URL of a PostgreSQL database, or has an option that is not supported. It is not
/// repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UrlError {
    /// It has another form.
    #[error("not a URL of the form jdbc:postgresql://host:port/database")]
    NotPostgres,
    /// One of its parts cannot be read, perhaps because it is a piece of a password that was not encoded.
    #[error(
        "the {0} in the database URL cannot be read; in user and password write % as %25, / as %2F, ? as %3F, \
         # as %23, : as %3A, @ as %40"
    )]
    Part(&'static str),
    /// One of its options cannot be passed on.
    #[error("database URL: {0}")]
    Option(#[from] BadOption),
}

/// Options that this crate sees to itself, as libpq does not have them.
const OURS: [&str; 1] = ["socketTimeout"];

/// A database and the user that connects to it.
///
/// It displays as its address, without user and password.
#[derive(Clone)]
pub struct Config {
    url: PostgresUrl,
    options: Options,
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgresql://{}/{}", self.url.hosts, percent_encode(&self.url.database))
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Config {
    /// Reads `[jdbc:]postgresql://[user[:password]@][host[:port]][/database][?options]`, `postgres://…`, or the short
    /// JDBC form `jdbc:postgresql:database`. Options are those of the Java driver or of libpq and mean the same as
    /// there: `ssl=true` is `sslmode=verify-full`.
    ///
    /// # Errors
    /// When it is no such URL, or an option of it cannot be honoured.
    pub fn from_url(url: &str) -> Result<Self, UrlError> {
        let url = PostgresUrl::parse(url).map_err(|error| match error {
            NoUrl::Form => UrlError::NotPostgres,
            NoUrl::Part(part) => UrlError::Part(part),
        })?;
        let options = in_libpq(&url.options, url.is_jdbc)?;
        Ok(Self { url, options })
    }

    /// The same with a user and a password, as they are, in place of those in the URL.
    #[must_use]
    pub fn with_login(mut self, user: Option<String>, password: Option<String>) -> Self {
        // Among the options they would count more than before the host.
        self.options.libpq.retain(|(name, _)| {
            !(*name == "user" && user.is_some() || *name == "password" && password.is_some())
        });
        self.url.user = user.map(String::into_bytes).or(self.url.user);
        self.url.password = password.map(String::into_bytes).or(self.url.password);
        self
    }

    /// Options of the URL that concern only the inside of the Java driver, and mean nothing here.
    pub fn options_without_meaning(&self) -> &[&'static str] {
        &self.options.inside
    }

    /// The URL again, password included, as [`from_url`](Self::from_url) reads it: never for a log.
    pub fn connection_string(&self) -> String {
        self.written(self.given())
    }

    /// The value of an option.
    pub(crate) fn option(&self, wanted: &str) -> Option<Cow<'_, str>> {
        let given = self.options.libpq.iter().find(|(name, _)| *name == wanted);
        given.map(|(_, value)| String::from_utf8_lossy(value))
    }

    /// Whether the connection may go through a local socket and not over TCP.
    pub(crate) fn may_be_local(&self) -> bool {
        let is_path = |host: &str| host.is_empty() || host.starts_with('%');
        self.url.hosts.split(',').any(is_path)
            || ["host", "service"].iter().any(|name| self.option(name).is_some())
    }

    /// The URL for libpq, with these options unless it has them.
    pub(crate) fn url_with(&self, defaults: &[(&'static str, u32)]) -> String {
        let given = self.given().filter(|(name, _)| !OURS.contains(name));
        let missing = defaults.iter().filter(|(name, _)| self.option(name).is_none());
        self.written(given.chain(missing.map(|(name, value)| (*name, value.to_string()))))
    }

    /// The options of the URL, percent-encoded.
    fn given(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.options.libpq.iter().map(|(name, value)| (*name, percent_encode(value)))
    }

    fn written(&self, options: impl Iterator<Item = (&'static str, String)>) -> String {
        let database = percent_encode(&self.url.database);
        let mut written = format!("postgresql://{}{}/{database}", self.user_info(), self.url.hosts);
        for (index, (name, value)) in options.enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            // Writing to a string cannot fail.
            let _ = write!(written, "{separator}{name}={value}");
        }
        written
    }

    fn user_info(&self) -> String {
        let encoded = |text: &Option<Vec<u8>>| text.as_deref().map(percent_encode);
        let (user, password) = (encoded(&self.url.user), encoded(&self.url.password));
        match (user, password) {
            (user, Some(password)) => format!("{}:{password}@", user.unwrap_or_default()),
            (Some(user), None) => format!("{user}@"),
            (None, None) => String::new(),
        }
    }
}

impl From<UrlError> for ConnectionError {
    fn from(error: UrlError) -> Self {
        Self::InvalidConnectionUrl(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_added_unless_given() {
        let with_limits = |url| {
            Config::from_url(url).unwrap().url_with(&[("connect_timeout", 10), ("keepalives_count", 3)])
        };
        assert_eq!(with_limits("postgresql://h/x"), "postgresql://h/x?connect_timeout=10&keepalives_count=3");
        let given = with_limits("jdbc:postgresql://h/x?loginTimeout=3&keepalives_idle=9&socketTimeout=8");
        assert_eq!(given, "postgresql://h/x?connect_timeout=3&keepalives_idle=9&keepalives_count=3");
    }

    #[test]
    fn what_libpq_does_not_have_stays_in_the_url() {
        let config = Config::from_url("jdbc:postgresql://h/x?socketTimeout=8").unwrap();
        assert_eq!(config.connection_string(), "postgresql://h/x?socketTimeout=8");
    }

    #[test]
    fn local_sockets_are_expected_where_the_url_leads_to_one() {
        let may_be_local = |url| Config::from_url(url).unwrap().may_be_local();
        for url in [
            "postgresql:///x",
            "postgresql://%2Frun/x",
            "postgresql://h,%2Frun/x",
            "postgresql://h/x?host=/run",
        ] {
            assert!(may_be_local(url), "{url}");
        }
        assert!(!may_be_local("postgresql://h:5,[::1]/x"));
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
    fn a_login_wins_over_options_too() {
        let config = Config::from_url("jdbc:postgresql://h/x?user=a&password=b&ApplicationName=c").unwrap();
        assert_eq!(config.connection_string(), "postgresql://h/x?user=a&password=b&application_name=c");
        let other = config.with_login(Some("reader".into()), Some("secret".into()));
        assert_eq!(other.connection_string(), "postgresql://reader:secret@h/x?application_name=c");
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_repeated() {
        let error = Config::from_url("host=h password=secret").unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }

    /// Wherever the URL is cut because of it, no part of the password may pass for something that is shown.
    #[test]
    fn a_password_that_was_not_encoded_is_read_as_it_is_or_refused_and_never_shown() {
        for secret in [
            "to/p", "to/p@", "1/2", "to?p", "1?2", "to?p=1", "1?ssl=2", "to#p", "to:p", "to@p", "%to",
            "a/b@c:1", "\"'",
        ] {
            match Config::from_url(&format!("postgresql://emap:{secret}@db:5432/star")) {
                Ok(config) => {
                    assert_eq!(config.url.password.as_deref(), Some(secret.as_bytes()), "{secret}");
                    assert_eq!(config.to_string(), "postgresql://db:5432/star", "{secret}");
                }
                Err(error) => {
                    let (error, debug) = (error.to_string(), format!("{error:?}"));
                    let shown = ["p@", "to", "db", "star", "ssl=2"];
                    assert!(!shown.iter().any(|part| debug.contains(part)), "{secret}: {debug}");
                    assert!(!error.contains("5432") && !error.contains("star"), "{secret}: {error}");
                }
            }
        }
    }

    #[test]
    fn what_libpq_would_repeat_in_an_error_is_refused() {
        for url in [
            "postgresql://h/x?password=50%off",
            "postgresql://h/x?options=50%off",
            "postgresql://u:50%00@h/x",
            "postgresql://h/50%off",
            "postgresql://u@h:50off/x",
        ] {
            let error = Config::from_url(url).unwrap_err().to_string();
            assert!(!error.contains("50"), "{error}");
        }
    }
}
