//! PostgreSQL URLs as Java programs and libpq write them.

use std::fmt::Write;

/// A PostgreSQL URL taken apart. What may be percent-encoded is decoded, but for the values of options.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PostgresUrl {
    /// Whether it is one of the Java driver.
    pub(crate) is_jdbc: bool,
    pub(crate) user: Option<Vec<u8>>,
    pub(crate) password: Option<Vec<u8>>,
    /// Host, or hosts with ports, as in the URL; empty = as libpq chooses.
    pub(crate) hosts: String,
    pub(crate) database: Vec<u8>,
    /// Names and values, as in the URL.
    pub(crate) options: Vec<(String, String)>,
}

/// Why a text is no usable URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoUrl {
    /// It has another form.
    Form,
    /// This part of it cannot be read.
    Part(&'static str),
}

impl PostgresUrl {
    /// Takes `[jdbc:]postgresql://[user[:password]@][host[:port]][/database][?options]`, `postgres://…`, and the
    /// short JDBC form `jdbc:postgresql:database`.
    ///
    /// Hosts and the database are checked, so that no part of a password that was not encoded is taken for one of them:
    /// they are shown in logs and in errors.
    pub(crate) fn parse(url: &str) -> Result<Self, NoUrl> {
        let (is_jdbc, url) = url.strip_prefix("jdbc:").map_or((false, url), |url| (true, url));
        let rest = url.strip_prefix("postgresql:").or_else(|| url.strip_prefix("postgres:"));
        let (address, options) =
            rest.map(|rest| rest.split_once('?').unwrap_or((rest, ""))).ok_or(NoUrl::Form)?;
        let mut parsed = Self { is_jdbc, options: parse_options(options), ..Self::default() };
        let database = if let Some(address) = address.strip_prefix("//") {
            let (authority, database) = address.split_once('/').unwrap_or((address, ""));
            let hosts = match authority.rsplit_once('@') {
                Some((user_info, hosts)) => {
                    parsed.set_login(user_info)?;
                    hosts
                }
                None => authority,
            };
            check_hosts(hosts)?;
            hosts.clone_into(&mut parsed.hosts);
            database
        } else {
            Some(address.trim_start_matches('/')).filter(|name| !name.is_empty()).ok_or(NoUrl::Form)?
        };
        if is_jdbc && parsed.hosts.is_empty() {
            // As the Java driver does. libpq would take the Unix socket, which is never encrypted.
            "localhost".clone_into(&mut parsed.hosts);
        }
        parsed.database = Some(database)
            .filter(|name| !name.contains(['/', ':', '@']) && !name.contains(char::is_whitespace))
            .and_then(|name| decode(name, is_jdbc))
            .ok_or(NoUrl::Part("database"))?;
        Ok(parsed)
    }

    fn set_login(&mut self, user_info: &str) -> Result<(), NoUrl> {
        let (user, password) = match user_info.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (user_info, None),
        };
        // A `%` that begins no escape was meant as it is.
        let decoded = |text: &str, part| decode(&mend_percents(text), false).ok_or(NoUrl::Part(part));
        self.user = Some(decoded(user, "user")?).filter(|user| !user.is_empty());
        self.password = password.map(|password| decoded(password, "password")).transpose()?;
        Ok(())
    }
}

fn parse_options(options: &str) -> Vec<(String, String)> {
    let pairs = options.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (k.into(), v.into())).collect()
}

/// Names, addresses, and paths of sockets (percent-encoded), each with a port.
fn check_hosts(hosts: &str) -> Result<(), NoUrl> {
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or(NoUrl::Part("host"))?;
                if !address.contains(':') {
                    return Err(NoUrl::Part("host"));
                }
                (address, port.strip_prefix(':').unwrap_or(port))
            }
            None => host.split_once(':').unwrap_or((host, "")),
        };
        let in_brackets = host.starts_with('[');
        let fits = |letter: char| {
            letter.is_alphanumeric() || "-._%".contains(letter) || (in_brackets && letter == ':')
        };
        if !name.chars().all(fits) || decode(name, false).is_none() {
            return Err(NoUrl::Part("host"));
        }
        if !port.is_empty() && !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err(NoUrl::Part("port"));
        }
    }
    Ok(())
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(crate) fn percent_encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Undoes percent-encoding; `None` if a `%` begins no escape or a byte is 0, which libpq would refuse, and repeat
/// in its error. In URLs of the Java driver `+` is a space.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    Some(decoded).filter(|decoded| !decoded.contains(&0))
}

/// The text with every `%` that begins no escape encoded itself.
fn mend_percents(text: &str) -> String {
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
    fn escapes_are_undone_and_wrong_ones_found() {
        assert_eq!(decode("a%40b%2fc+", false).unwrap(), b"a@b/c+");
        assert_eq!(decode("a+b%2B", true).unwrap(), b"a b+");
        for wrong in ["%", "%4", "%4g", "a%zz", "%é", "a%00b"] {
            assert_eq!(decode(wrong, false), None, "{wrong}");
        }
        let every_byte: Vec<u8> = (1..=255).collect();
        assert_eq!(decode(&percent_encode(&every_byte), true).unwrap(), every_byte);
    }

    #[test]
    fn jdbc_and_libpq_forms() {
        let parts = |url| {
            let url = PostgresUrl::parse(url).unwrap();
            let text = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8(bytes).unwrap());
            let (user, password) = (text(url.user), text(url.password));
            (url.hosts, String::from_utf8(url.database).unwrap(), user, password)
        };
        let plain = ("db:5433".to_owned(), "emap".to_owned(), None, None);
        assert_eq!(parts("jdbc:postgresql://db:5433/emap"), plain);
        assert_eq!(parts("postgresql://db:5433/emap?ssl=true"), plain);
        let (user, password) = (Some("u".to_owned()), Some("p@".to_owned()));
        assert_eq!(parts("postgres://u:p%40@[::1]/x"), ("[::1]".into(), "x".into(), user, password));
        assert_eq!(parts("jdbc:postgresql:a+b"), ("localhost".into(), "a b".into(), None, None));
        assert_eq!(parts("postgresql:///a+b"), (String::new(), "a+b".into(), None, None));
        let socket = "postgresql://%2Fvar%2Frun:5432,[fe80::1%25eth0]:5433,other/x";
        assert_eq!(parts(socket).0, "%2Fvar%2Frun:5432,[fe80::1%25eth0]:5433,other");
    }

    #[test]
    fn other_urls_are_refused() {
        for url in ["", "emap", "jdbc:sqlserver://h;databaseName=x", "postgresql:", "postgresql:/"] {
            assert_eq!(PostgresUrl::parse(url), Err(NoUrl::Form), "{url}");
        }
        for (url, part) in [
            ("postgresql://a b/c", "host"),
            ("postgresql://a%zz/c", "host"),
            ("postgresql://[a]/c", "host"),
            ("postgresql://h:70000/c", "port"),
            ("postgresql://h/a%00", "database"),
            ("jdbc:postgresql:a:b", "database"),
            ("postgresql://u:%00@h/c", "password"),
        ] {
            assert_eq!(PostgresUrl::parse(url), Err(NoUrl::Part(part)), "{url}");
        }
    }
}
