//! Where a database is, and who connects.

use std::fmt::{self, Write};

use diesel::ConnectionError;
use thiserror::Error;

use crate::{
    options::{BadOption, in_libpq},
    url::{PostgresUrl, mend_percents, percent_encode},
};

/// A text that is not the URL of a PostgreSQL database, or asks for something that is not supported. It is not
/// repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UrlError {
    /// It has another form.
    #[error("not a URL of the form jdbc:postgresql://host:port/database")]
    NotPostgres,
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
    /// In the words of libpq, values percent-encoded.
    options: Vec<(&'static str, String)>,
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
    /// JDBC form `jdbc:postgresql:database`. Options are those of the Java driver or of libpq and mean the same as
    /// there: `ssl=true` is `sslmode=verify-full`.
    ///
    /// # Errors
    /// When it is no such URL, or an option of it cannot be honoured.
    pub fn from_url(url: &str) -> Result<Self, UrlError> {
        let url = PostgresUrl::parse(url).ok_or(UrlError::NotPostgres)?;
        let options = in_libpq(&url.options)?;
        Ok(Self { url, options, user: None, password: None })
    }

    /// The same with a user and a password, as they are, in place of those in the URL.
    #[must_use]
    pub fn with_login(mut self, user: Option<String>, password: Option<String>) -> Self {
        // Among the options they would count more than before the host.
        self.options.retain(|(name, _)| {
            !(*name == "user" && user.is_some() || *name == "password" && password.is_some())
        });
        Self { user: user.or(self.user), password: password.or(self.password), ..self }
    }

    /// The URL again, password included, as [`from_url`](Self::from_url) reads it: never for a log.
    pub fn connection_string(&self) -> String {
        self.written(&self.options)
    }

    /// The value of an option, percent-encoded.
    pub(crate) fn option(&self, wanted: &str) -> Option<&str> {
        self.options.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
    }

    /// Whether the connection may go through a local socket and not over TCP.
    pub(crate) fn may_be_local(&self) -> bool {
        let is_path = |host: &str| host.is_empty() || host.starts_with(['/', '@', '%']);
        self.url.hosts.split(',').any(is_path)
            || ["host", "service"].iter().any(|name| self.option(name).is_some())
    }

    /// The URL for libpq, with these options unless it has them.
    pub(crate) fn url_with(&self, defaults: &[(&'static str, u32)]) -> String {
        let given = self.options.iter().filter(|(name, _)| !OURS.contains(name));
        let missing = defaults.iter().filter(|(name, _)| self.option(name).is_none());
        let missing = missing.map(|(name, value)| (*name, value.to_string()));
        self.written(&given.cloned().chain(missing).collect::<Vec<_>>())
    }

    fn written(&self, options: &[(&str, String)]) -> String {
        let Self { url, .. } = self;
        let mut written = format!("postgresql://{}{}/{}", self.user_info(), url.hosts, url.database);
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
}
