//! What becomes of each option of the Java driver, and of those of libpq that it does not have.
//!
//! Source: pgjdbc 42.7 (`PGProperty`, `SslMode`), libpq 15.

use Rule::{File, Inside, KeyFile, Milliseconds, Same, Seconds, Unsupported, Values};

/// What becomes of an option.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// libpq has it too, under this name.
    Same(&'static str),
    /// Seconds; 0 means no limit in both.
    Seconds(&'static str),
    /// Milliseconds; a limit there must be.
    Milliseconds(&'static str),
    /// These values (in any case of letters) mean in libpq: an option and a value, or nothing as it is the default.
    Values(&'static [(&'static str, Option<(&'static str, &'static str)>)]),
    /// A file or directory that must be there: libpq would go on without it, for some of them silently.
    File(&'static str),
    /// A file that must be there, of a kind that not only Java reads.
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
pub(super) const RULES: &[(&str, Rule)] = &[
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
    ("fallback_application_name", Same("fallback_application_name")),
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
    ("sslrootcert", File("sslrootcert")),
    ("sslcert", File("sslcert")),
    ("sslkey", KeyFile("sslkey")),
    ("sslpassword", Same("sslpassword")),
    ("sslcrl", File("sslcrl")),
    ("sslcrldir", File("sslcrldir")),
    ("sslsni", Same("sslsni")),
    ("sslcompression", Same("sslcompression")),
    ("ssl_min_protocol_version", Same("ssl_min_protocol_version")),
    ("ssl_max_protocol_version", Same("ssl_max_protocol_version")),
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
    ("requirepeer", Same("requirepeer")),
    // Time limits.
    ("connect_timeout", Seconds("connect_timeout")),
    ("connectTimeout", Seconds("connect_timeout")),
    ("loginTimeout", Seconds("connect_timeout")),
    ("socketTimeout", Seconds("socketTimeout")),
    ("queryTimeout", Values(&[("0", None)])),
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
    ("protocolVersion", Values(&[("3", None), ("3.0", None)])),
    ("client_encoding", Values(&[("UTF8", None), ("UTF-8", None)])),
    // How the connection is made.
    ("loadBalanceHosts", Values(&[("false", None)])),
    // Those of libpq 16 and later.
    ("load_balance_hosts", Values(&[("disable", None)])),
    ("require_auth", Unsupported),
    ("sslcertmode", Unsupported),
    ("sslnegotiation", Values(&[("postgres", None)])),
    ("gssdelegation", Values(&[("0", None)])),
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
