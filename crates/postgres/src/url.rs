//! PostgreSQL URLs as Java programs and libpq write them.

use std::fmt::Write;

/// A PostgreSQL URL taken apart; each part is still percent-encoded as it stood in the URL.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct PostgresUrl {
    pub(crate) user_info: Option<String>,
    /// Host, or hosts with ports; empty = local.
    pub(crate) hosts: String,
    pub(crate) database: String,
    pub(crate) options: Vec<(String, String)>,
}

impl PostgresUrl {
    /// Takes `[jdbc:]postgresql://[user[:password]@][host[:port]][/database][?options]`, `postgres://…`, and the
    /// short JDBC form `jdbc:postgresql:database`. `None` when it is not such a URL.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let url = url.strip_prefix("jdbc:").unwrap_or(url);
        let rest = url.strip_prefix("postgresql:").or_else(|| url.strip_prefix("postgres:"))?;
        let (address, options) = rest.split_once('?').unwrap_or((rest, ""));
        let mut parsed = Self { options: parse_options(options), ..Self::default() };
        let Some(address) = address.strip_prefix("//") else {
            parsed.database = non_empty(address.trim_start_matches('/'))?;
            return Some(parsed);
        };
        let (authority, database) = address.split_once('/').unwrap_or((address, ""));
        let (user_info, hosts) = match authority.rsplit_once('@') {
            Some((user_info, hosts)) => (Some(user_info.to_owned()), hosts),
            None => (None, authority),
        };
        let plain = !hosts.contains(char::is_whitespace) && !database.contains(['/', ' ']);
        plain.then(|| Self { user_info, hosts: hosts.to_owned(), database: database.to_owned(), ..parsed })
    }
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn parse_options(options: &str) -> Vec<(String, String)> {
    let pairs = options.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (k.into(), v.into())).collect()
}

/// Options of the same meaning in libpq; everything else steers only the Java driver and is left out.
pub(crate) fn libpq_option(name: &str, value: &str) -> Option<(&'static str, String)> {
    const SAME_NAME: [&str; 23] = [
        "host",
        "port",
        "user",
        "password",
        "dbname",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "application_name",
        "connect_timeout",
        "target_session_attrs",
        "options",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "channel_binding",
        "gssencmode",
        "hostaddr",
        "passfile",
        "sslcrl",
    ];
    if let Some(same) = SAME_NAME.iter().find(|same| **same == name) {
        return Some((same, value.to_owned()));
    }
    match name {
        "ApplicationName" => Some(("application_name", value.to_owned())),
        "connectTimeout" | "loginTimeout" => Some(("connect_timeout", value.to_owned())),
        "ssl" if value.is_empty() || value == "true" => Some(("sslmode", "require".to_owned())),
        _ => None,
    }
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The text with every `%` that begins no escape encoded itself: libpq would refuse the URL, and repeat it in its
/// error.
pub(crate) fn mend_percents(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    for (place, character) in text.char_indices() {
        mended.push(character);
        let escape = text.as_bytes().get(place + 1..place + 3);
        if character == '%' && !escape.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            mended.push_str("25");
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_percent_is_encoded() {
        assert_eq!(mend_percents("50%off%40%4"), "50%25off%40%254");
        assert_eq!(mend_percents("é%"), "é%25");
    }

    #[test]
    fn jdbc_and_libpq_forms() {
        let parts = |url| {
            let url = PostgresUrl::parse(url).unwrap();
            (url.hosts, url.database, url.user_info)
        };
        let plain = ("db:5433".to_owned(), "emap".to_owned(), None);
        assert_eq!(parts("jdbc:postgresql://db:5433/emap"), plain);
        assert_eq!(parts("postgresql://db:5433/emap?ssl=true"), plain);
        assert_eq!(parts("postgres://u:p%40@[::1]/x"), ("[::1]".into(), "x".into(), Some("u:p%40".into())));
        assert_eq!(parts("jdbc:postgresql:emap"), (String::new(), "emap".into(), None));
    }

    #[test]
    fn other_urls_are_refused() {
        for url in ["", "emap", "jdbc:sqlserver://h;databaseName=x", "postgresql:", "postgresql://a b/c"] {
            assert!(PostgresUrl::parse(url).is_none(), "{url}");
        }
    }

    #[test]
    fn java_only_options_are_left_out() {
        assert_eq!(libpq_option("ApplicationName", "emap"), Some(("application_name", "emap".into())));
        assert_eq!(libpq_option("ssl", "true"), Some(("sslmode", "require".into())));
        assert_eq!(libpq_option("reWriteBatchedInserts", "true"), None);
    }
}
