//! Options of a database URL, as PostgreSQL's Java driver (pgjdbc) and libpq name them, in the words of libpq.
//!
//! Nothing that was asked for is dropped silently: an option is passed on, or the URL is refused and the option named.
//! Source: pgjdbc 42.7 (`PGProperty`, `SslMode`), libpq 15.

use thiserror::Error;

use Rule::{Inside, KeyFile, Milliseconds, Same, Seconds, Unsupported, Values};

/// An option that cannot be passed on. Its value is not repeated, nor a name that is not known: after a password that
/// was not encoded, either may be a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadOption {
    /// The option exists in the Java driver only, and what it asks for cannot be done here.
    #[error("the option {0} of the Java driver is not supported with this value")]
    JavaOnly(&'static str),
    /// The option does not take this value.
    #[error("the option {0} does not take this value")]
    Value(&'static str),
    /// Neither the Java driver nor libpq has such an option.
    #[error("option {0} of the URL is neither one of the Java driver nor of libpq")]
    Unknown(usize),
}

/// What becomes of an option.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// libpq has it too, under this name.
    Same(&'static str),
    /// Seconds; 0 means no limit in both.
    Seconds(&'static str),
    /// Milliseconds; a limit there must be.
    Milliseconds(&'static str),
    /// These values (in any case of letters) mean in libpq: an option and a value, or nothing as it is the default.
    Values(&'static [(&'static str, Option<(&'static str, &'static str)>)]),
    /// A file that must not be of a kind that only Java reads.
    KeyFile(&'static str),
    /// Concerns how the Java driver works inside, or its interface to Java programs; what is stored and read is the
    /// same with any value.
    Inside,
    /// libpq and this program have nothing of the kind.
    Unsupported,
}

const SSL_MODES: Rule = Values(&[
    ("disable", Some(("sslmode", "disable"))),
    ("allow", Some(("sslmode", "allow"))),
    ("prefer", Some(("sslmode", "prefer"))),
    ("require", Some(("sslmode", "require"))),
    ("verify-ca", Some(("sslmode", "verify-ca"))),
    ("verify-full", Some(("sslmode", "verify-full"))),
]);

/// Options of the Java driver, and those of libpq that it does not have.
const RULES: &[(&str, Rule)] = &[
    // Who connects, and where.
    ("user", Same("user")),
    ("password", Same("password")),
    ("passfile", Same("passfile")),
    ("host", Same("host")),
    ("hostaddr", Same("hostaddr")),
    ("port", Same("port")),
    ("dbname", Same("dbname")),
    ("service", Same("service")),
    ("options", Same("options")),
    ("application_name", Same("application_name")),
    ("ApplicationName", Same("application_name")),
    ("target_session_attrs", Same("target_session_attrs")),
    (
        "targetServerType",
        Values(&[
            ("any", None),
            ("primary", Some(("target_session_attrs", "read-write"))),
            ("master", Some(("target_session_attrs", "read-write"))),
            ("secondary", Some(("target_session_attrs", "read-only"))),
            ("slave", Some(("target_session_attrs", "read-only"))),
            ("preferSecondary", Some(("target_session_attrs", "prefer-standby"))),
            ("preferSlave", Some(("target_session_attrs", "prefer-standby"))),
        ]),
    ),
    // TLS. `ssl` counts only without `sslmode`.
    ("sslmode", SSL_MODES),
    (
        "ssl",
        Values(&[
            ("", Some(("sslmode", "verify-full"))),
            ("true", Some(("sslmode", "verify-full"))),
            ("false", None),
        ]),
    ),
    ("sslrootcert", Same("sslrootcert")),
    ("sslcert", Same("sslcert")),
    ("sslkey", KeyFile("sslkey")),
    ("sslpassword", Same("sslpassword")),
    ("sslcrl", Same("sslcrl")),
    ("sslNegotiation", Values(&[("postgres", None)])),
    ("sslfactory", Values(&[("org.postgresql.ssl.LibPQFactory", None)])),
    ("sslfactoryarg", Unsupported),
    ("sslhostnameverifier", Unsupported),
    ("sslpasswordcallback", Unsupported),
    ("pemKeyAlgorithm", Inside),
    // Proof of identity.
    ("channel_binding", Same("channel_binding")),
    (
        "channelBinding",
        Values(&[
            ("disable", Some(("channel_binding", "disable"))),
            ("prefer", Some(("channel_binding", "prefer"))),
            ("require", Some(("channel_binding", "require"))),
        ]),
    ),
    ("gssencmode", Same("gssencmode")),
    (
        "gssEncMode",
        Values(&[
            ("disable", Some(("gssencmode", "disable"))),
            ("prefer", Some(("gssencmode", "prefer"))),
            ("require", Some(("gssencmode", "require"))),
        ]),
    ),
    ("kerberosServerName", Same("krbsrvname")),
    ("krbsrvname", Same("krbsrvname")),
    ("gsslib", Unsupported),
    ("gssUseDefaultCreds", Unsupported),
    ("jaasApplicationName", Unsupported),
    ("jaasLogin", Unsupported),
    ("sspiServiceClass", Unsupported),
    ("useSpnego", Values(&[("false", None)])),
    ("authenticationPluginClassName", Unsupported),
    ("requireAuth", Unsupported),
    // Time limits.
    ("connect_timeout", Seconds("connect_timeout")),
    ("connectTimeout", Seconds("connect_timeout")),
    ("loginTimeout", Seconds("connect_timeout")),
    ("socketTimeout", Seconds("socketTimeout")),
    ("cancelSignalTimeout", Inside),
    ("sslResponseTimeout", Inside),
    ("gssResponseTimeout", Inside),
    ("keepalives", Same("keepalives")),
    ("keepalives_idle", Same("keepalives_idle")),
    ("keepalives_interval", Same("keepalives_interval")),
    ("keepalives_count", Same("keepalives_count")),
    ("tcp_user_timeout", Milliseconds("tcp_user_timeout")),
    ("tcpKeepAlive", Values(&[("true", Some(("keepalives", "1"))), ("false", Some(("keepalives", "0")))])),
    // What a session sees and may do. The schema is a setting of its own.
    ("currentSchema", Unsupported),
    ("readOnly", Values(&[("false", None)])),
    ("readOnlyMode", Inside),
    ("replication", Values(&[("false", None)])),
    ("protocolVersion", Values(&[("3", None)])),
    // How the connection is made.
    ("loadBalanceHosts", Values(&[("false", None)])),
    ("hostRecheckSeconds", Inside),
    ("localSocketAddress", Unsupported),
    ("socketFactory", Unsupported),
    ("socketFactoryArg", Unsupported),
    ("PGHOST", Unsupported),
    ("PGPORT", Unsupported),
    ("PGDBNAME", Unsupported),
    // The inside of the Java driver.
    ("adaptiveFetch", Inside),
    ("adaptiveFetchMaximum", Inside),
    ("adaptiveFetchMinimum", Inside),
    ("allowEncodingChanges", Inside),
    ("assumeMinServerVersion", Inside),
    ("autosave", Inside),
    ("binaryTransfer", Inside),
    ("binaryTransferDisable", Inside),
    ("binaryTransferEnable", Inside),
    ("cleanupSavepoints", Inside),
    ("convertBooleanToNumeric", Inside),
    ("databaseMetadataCacheFields", Inside),
    ("databaseMetadataCacheFieldsMiB", Inside),
    ("defaultRowFetchSize", Inside),
    ("disableColumnSanitiser", Inside),
    ("escapeSyntaxCallMode", Inside),
    ("groupStartupParameters", Inside),
    ("hideUnprivilegedObjects", Inside),
    ("logServerErrorDetail", Inside),
    ("logUnclosedConnections", Inside),
    ("loggerFile", Inside),
    ("loggerLevel", Inside),
    ("maxResultBuffer", Inside),
    ("maxSendBufferSize", Inside),
    ("preferQueryMode", Inside),
    ("prepareThreshold", Inside),
    ("preparedStatementCacheQueries", Inside),
    ("preparedStatementCacheSizeMiB", Inside),
    ("quoteReturningIdentifiers", Inside),
    ("reWriteBatchedInserts", Inside),
    ("receiveBufferSize", Inside),
    ("sendBufferSize", Inside),
    ("stringtype", Inside),
    ("tcpNoDelay", Inside),
    ("unknownLength", Inside),
    ("xmlFactoryFactory", Inside),
];

/// The options in the words of libpq, each at most once; values are still percent-encoded.
///
/// As in the Java driver, `ssl` without `sslmode` means `sslmode=verify-full`, and the last of several equal options
/// counts. Of several time limits for connecting the shortest counts.
pub(crate) fn in_libpq(given: &[(String, String)]) -> Result<Vec<(&'static str, String)>, BadOption> {
    let has_mode = given.iter().any(|(name, _)| name == "sslmode");
    let mut options: Vec<(&'static str, String)> = Vec::new();
    for (place, (name, value)) in given.iter().enumerate() {
        let known = RULES.iter().find(|(known, _)| known == name);
        let (known, rule) = *known.ok_or(BadOption::Unknown(place + 1))?;
        let Some((name, value)) = apply(known, rule, value)? else { continue };
        if known == "ssl" && has_mode {
            continue;
        }
        match options.iter_mut().find(|(option, _)| *option == name) {
            Some((_, limit)) if name == "connect_timeout" => *limit = shorter(limit, &value),
            Some((_, former)) => *former = value,
            None => options.push((name, value)),
        }
    }
    Ok(options)
}

fn apply(known: &'static str, rule: Rule, value: &str) -> Result<Option<(&'static str, String)>, BadOption> {
    match rule {
        Same(name) => Ok(Some((name, value.to_owned()))),
        Seconds(name) => match value.parse::<u32>() {
            Ok(seconds) => Ok(Some((name, seconds.to_string()))),
            Err(_) => Err(BadOption::Value(known)),
        },
        Milliseconds(name) => match value.parse::<u32>() {
            Ok(limit @ 1..) => Ok(Some((name, limit.to_string()))),
            _ => Err(BadOption::Value(known)),
        },
        Values(values) => {
            let meaning = values.iter().find(|(one, _)| one.eq_ignore_ascii_case(value));
            let (_, meaning) = meaning.ok_or(BadOption::Value(known))?;
            Ok(meaning.map(|(name, value)| (name, value.to_owned())))
        }
        KeyFile(name) => {
            let ending = value.rsplit('.').next().unwrap_or_default();
            if ["p12", "pfx"].iter().any(|java| ending.eq_ignore_ascii_case(java)) {
                return Err(BadOption::JavaOnly(known));
            }
            Ok(Some((name, value.to_owned())))
        }
        Inside => {
            tracing::debug!(
                option = known,
                "an option for the inside of the Java driver has no meaning here"
            );
            Ok(None)
        }
        Unsupported => Err(BadOption::JavaOnly(known)),
    }
}

/// The shorter of two limits in seconds, where 0 is no limit.
fn shorter(one: &str, other: &str) -> String {
    let seconds = |text: &str| text.parse::<u32>().unwrap_or(0);
    match (seconds(one), seconds(other)) {
        (0, limit) | (limit, 0) => limit.to_string(),
        (one, other) => one.min(other).to_string(),
    }
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
        let options = in_libpq(&given).map_err(|error| error.to_string())?;
        Ok(options.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
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
            ("sslrootcert=/ca.crt&ssl=true", "sslrootcert=/ca.crt&sslmode=verify-full"),
            ("sslcert=/c.crt&sslkey=/c.pk8&sslpassword=x", "sslcert=/c.crt&sslkey=/c.pk8&sslpassword=x"),
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
            ("ApplicationName=emap%20core", "application_name=emap%20core"),
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
            ("options=-c%20geqo%3Doff", "options=-c%20geqo%3Doff"),
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
            ("sslkey=/home/emap/client.P12", "sslkey"),
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
            assert!(error.contains(&format!("option {name} ")), "{given}: {error}");
        }
    }

    #[test]
    fn an_unknown_option_is_refused_by_its_place() {
        let error = libpq("ssl=true&sslmod=verify-full").unwrap_err();
        assert!(error.starts_with("option 2 of the URL"), "{error}");
        let error = libpq("hunter2@db:5432/emap").unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
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
