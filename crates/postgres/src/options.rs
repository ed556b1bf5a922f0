//! Options of a database URL, as PostgreSQL's Java driver (pgjdbc) and libpq name them, in the words of libpq.
//!
//! Nothing that is set is dropped silently: an option is passed on, or the URL is refused and the option named.

mod bad_option;
mod files;
mod rules;

pub use self::bad_option::BadOption;

use self::rules::{RULES, Rule};
use crate::url::decode;

/// The options of a URL.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Options {
    /// Names and values for libpq, each name at most once.
    pub(crate) libpq: Vec<(&'static str, Vec<u8>)>,
    /// Those that concern only the inside of the Java driver.
    pub(crate) inside: Vec<&'static str>,
}

/// The options in the words of libpq.
///
/// As in the Java driver, `ssl` without `sslmode` means `sslmode=verify-full`, and the last of several equal options
/// counts. Of several time limits for connecting the shortest counts.
pub(crate) fn in_libpq(given: &[(String, String)], is_jdbc: bool) -> Result<Options, BadOption> {
    let has_mode = given.iter().any(|(name, _)| name == "sslmode");
    let mut options = Options::default();
    for (place, (name, value)) in given.iter().enumerate() {
        let known = RULES.iter().find(|(known, _)| known == name);
        let (known, rule) = *known.ok_or(BadOption::Unknown(place + 1))?;
        let value = decode(value, is_jdbc).ok_or(BadOption::Escape(known))?;
        let applied = apply(known, rule, value)?;
        if matches!(rule, Rule::Inside) {
            options.inside.push(known);
        }
        let Some((name, value)) = applied else { continue };
        if known == "ssl" && has_mode {
            continue;
        }
        match options.libpq.iter_mut().find(|(option, _)| *option == name) {
            Some((_, limit)) if name == "connect_timeout" => *limit = shorter(limit, &value),
            Some((_, former)) => *former = value,
            None => options.libpq.push((name, value)),
        }
    }
    Ok(options)
}

fn apply(
    known: &'static str,
    rule: Rule,
    value: Vec<u8>,
) -> Result<Option<(&'static str, Vec<u8>)>, BadOption> {
    match rule {
        Rule::Same(name) => Ok(Some((name, value))),
        Rule::Seconds(name) => match number(&value) {
            Some(seconds) => Ok(Some((name, seconds.to_string().into()))),
            None => Err(BadOption::Value(known)),
        },
        Rule::Milliseconds(name) => match number(&value) {
            Some(limit @ 1..) => Ok(Some((name, limit.to_string().into()))),
            _ => Err(BadOption::Value(known)),
        },
        Rule::Values(values) => {
            let meaning = values.iter().find(|(one, _)| one.as_bytes().eq_ignore_ascii_case(&value));
            let (_, meaning) = meaning.ok_or(BadOption::Value(known))?;
            Ok(meaning.map(|(name, value)| (name, value.into())))
        }
        Rule::File(name) => {
            files::readable(known, &value)?;
            Ok(Some((name, value)))
        }
        Rule::KeyFile(name) => {
            files::readable_key(known, &value)?;
            Ok(Some((name, value)))
        }
        Rule::Inside => Ok(None),
        Rule::Unsupported => Err(BadOption::Unsupported(known)),
    }
}

fn number(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The shorter of two limits in seconds, where 0 is no limit.
fn shorter(one: &[u8], other: &[u8]) -> Vec<u8> {
    let limits = [one, other].map(|text| number(text).unwrap_or(0));
    let shortest = limits.into_iter().filter(|limit| *limit > 0).min().unwrap_or(0);
    shortest.to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The options of a URL's query in libpq's words, or why not.
    fn libpq(query: &str) -> Result<String, String> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let given: Vec<(String, String)> = pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let options = in_libpq(&given, true).map_err(|error| error.to_string())?.libpq;
        let written = |(name, value)| format!("{name}={}", String::from_utf8(value).unwrap());
        Ok(options.into_iter().map(written).collect::<Vec<_>>().join("&"))
    }

    #[test]
    fn tls_as_the_java_driver_understands_it() {
        for (given, expected) in [
            ("", ""),
            ("ssl", "sslmode=verify-full"),
            ("ssl=", "sslmode=verify-full"),
            ("ssl=true", "sslmode=verify-full"),
            ("ssl=TRUE", "sslmode=verify-full"),
            ("ssl=false", ""),
            ("ssl=true&sslmode=require", "sslmode=require"),
            ("sslmode=disable&ssl=true", "sslmode=disable"),
            ("ssl=false&sslmode=verify-ca", "sslmode=verify-ca"),
            ("sslmode=disable", "sslmode=disable"),
            ("sslmode=allow", "sslmode=allow"),
            ("sslmode=prefer", "sslmode=prefer"),
            ("sslmode=require", "sslmode=require"),
            ("sslmode=verify-ca", "sslmode=verify-ca"),
            ("sslmode=Verify-Full", "sslmode=verify-full"),
            ("sslpassword=a%2Bb", "sslpassword=a+b"),
            ("sslfactory=org.postgresql.ssl.LibPQFactory", ""),
            ("sslNegotiation=postgres", ""),
            ("channelBinding=require", "channel_binding=require"),
            ("gssEncMode=disable", "gssencmode=disable"),
        ] {
            assert_eq!(libpq(given).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn other_options_that_are_honoured() {
        for (given, expected) in [
            ("ApplicationName=emap%20core", "application_name=emap core"),
            ("ApplicationName=emap+core", "application_name=emap core"),
            ("connectTimeout=3", "connect_timeout=3"),
            ("connectTimeout=7&loginTimeout=3", "connect_timeout=3"),
            ("loginTimeout=0&connectTimeout=7", "connect_timeout=7"),
            ("socketTimeout=0", "socketTimeout=0"),
            ("socketTimeout=30", "socketTimeout=30"),
            ("tcp_user_timeout=20000", "tcp_user_timeout=20000"),
            ("tcpKeepAlive=true", "keepalives=1"),
            ("tcpKeepAlive=false", "keepalives=0"),
            ("targetServerType=primary", "target_session_attrs=read-write"),
            ("targetServerType=preferSecondary", "target_session_attrs=prefer-standby"),
            ("readOnly=false&loadBalanceHosts=false", ""),
            ("options=-c%20geqo%3Doff", "options=-c geqo=off"),
            ("keepalives_count=4&keepalives_count=5", "keepalives_count=5"),
            ("reWriteBatchedInserts=true&prepareThreshold=0&stringtype=unspecified", ""),
        ] {
            assert_eq!(libpq(given).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_by_name() {
        for (given, name) in [
            ("sslmode=verify", "sslmode"),
            ("sslmode=", "sslmode"),
            ("ssl=yes", "ssl"),
            ("ssl=yes&sslmode=require", "ssl"),
            ("sslfactory=org.postgresql.ssl.NonValidatingFactory", "sslfactory"),
            ("sslhostnameverifier=a.B", "sslhostnameverifier"),
            ("sslrootcert=/no/such/ca.crt", "sslrootcert"),
            ("sslcert=/no/such/client.crt", "sslcert"),
            ("sslkey=/no/such/client.key", "sslkey"),
            ("sslcrl=/no/such/list", "sslcrl"),
            ("options=50%off", "options"),
            ("password=50%off", "password"),
            ("password=50%00", "password"),
            ("sslNegotiation=direct", "sslNegotiation"),
            ("gssEncMode=allow", "gssEncMode"),
            ("connectTimeout=soon", "connectTimeout"),
            ("socketTimeout=soon", "socketTimeout"),
            ("tcp_user_timeout=0", "tcp_user_timeout"),
            ("currentSchema=star", "currentSchema"),
            ("readOnly=true", "readOnly"),
            ("targetServerType=preferPrimary", "targetServerType"),
            ("loadBalanceHosts=true", "loadBalanceHosts"),
            ("socketFactory=a.B", "socketFactory"),
            ("protocolVersion=2", "protocolVersion"),
        ] {
            let error = libpq(given).unwrap_err();
            let named = [" ", ",", ":"].iter().any(|end| error.contains(&format!("option {name}{end}")));
            assert!(named && !error.contains("50%"), "{given}: {error}");
        }
    }

    /// A file with this content in `sslkey`, and what comes of it.
    fn key(content: &[u8]) -> Result<String, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let options = libpq(&format!("sslkey={}", file.path().display()))?;
        Ok(options.replace(&*file.path().to_string_lossy(), "FILE"))
    }

    #[test]
    fn keys_that_only_java_reads_are_refused() {
        assert_eq!(key(b"-----BEGIN PRIVATE KEY-----").as_deref(), Ok("sslkey=FILE"));
        // PKCS #8 and PKCS #1 in DER.
        assert_eq!(key(b"\x30\x2e\x02\x01\x00\x30\x05").as_deref(), Ok("sslkey=FILE"));
        assert_eq!(key(b"\x30\x82\x04\xa4\x02\x01\x00\x02").as_deref(), Ok("sslkey=FILE"));
        assert_eq!(key(b"").as_deref(), Ok("sslkey=FILE"), "libpq says what is wrong");
        for (content, kind) in [
            (&b"\x30\x82\x05\x0b\x30\x57\x06\x09"[..], "encrypted key in DER"),
            (b"\x30\x82\x0a\x0b\x02\x01\x03\x30", "PKCS #12"),
            (b"\xfe\xed\xfe\xed\x00\x00\x00\x02", "Java key store"),
        ] {
            let error = key(content).unwrap_err();
            assert!(error.contains("option sslkey") && error.contains(kind), "{error}");
        }
        assert_eq!(libpq("sslkey=pkcs11:client").as_deref(), Ok("sslkey=pkcs11:client"));
    }

    #[test]
    fn an_unknown_option_is_refused_by_its_place() {
        let error = libpq("ssl=true&sslmod=verify-full").unwrap_err();
        assert!(error.starts_with("option 2 of the URL"), "{error}");
        let error = libpq("hunter2@db:5432/emap").unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn what_concerns_the_java_driver_alone_is_listed() {
        let given = [("prepareThreshold", "0"), ("ssl", "true"), ("stringtype", "unspecified")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(in_libpq(&given, true).unwrap().inside, ["prepareThreshold", "stringtype"]);
    }

    #[test]
    fn every_option_has_one_rule() {
        let mut names: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
