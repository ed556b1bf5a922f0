//! The URLs of SQL Server's Java driver, to the letter.

use std::time::Duration;

use super::name::APPLICATION_NAME;

const PREFIX: &str = "jdbc:sqlserver://";
const DEFAULT_PORT: u16 = 1433;
const DEFAULT_LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a URL cannot be used. Values are never repeated: one may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JdbcError {
    /// It has another form.
    #[error("not a URL of the form jdbc:sqlserver://host[\\instance][:port];databaseName=…")]
    Form,
    /// A property is known and asks for something that does not exist here.
    #[error("property {name} is not supported{}{instead}", if instead.is_empty() { "" } else { ": " })]
    Unsupported {
        /// The property, as the driver's documentation writes it.
        name: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// A property has a value that it cannot have.
    #[error("property {name} must be {expected}")]
    Value {
        /// The property.
        name: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// The driver has no such property.
    #[error("property {0} of the URL is unknown")]
    Unknown(usize),
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Everything is encrypted, or there is no connection.
    Everything,
    /// Only what the server asks for; the login if the server can.
    AsTheServerAsks,
}

/// Who logs in.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// A user of SQL Server; the URL or the settings give name and password.
    User {
        /// Name, if the URL has one.
        user: Option<String>,
        /// Password, if the URL has one.
        password: Option<String>,
    },
    /// The ticket of the operating system's Kerberos.
    Integrated,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::User { .. } => "user and password",
            Self::Integrated => "integrated",
        })
    }
}

/// What a URL says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JdbcUrl {
    /// Name or address of the server.
    pub host: String,
    /// Named instance, looked up at the server's browser service unless a port is given.
    pub instance: Option<String>,
    /// Port; `None` with an instance whose port is to be looked up.
    pub port: Option<u16>,
    /// The database; `None`: the one that the login has as its default.
    pub database: Option<String>,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// Whether the server's certificate is taken as it is.
    pub trust_server_certificate: bool,
    /// The name that the certificate must have, if not that of the server.
    pub host_name_in_certificate: Option<String>,
    /// Who logs in.
    pub login: Login,
    /// The name that the server's administrators see.
    pub application_name: String,
    /// The name of this machine that they see.
    pub workstation: Option<String>,
    /// Whether a readable copy of the database will do.
    pub read_only: bool,
    /// How long a connection may take.
    pub login_timeout: Duration,
    /// How long a query may wait for a lock.
    pub lock_timeout: Option<Duration>,
}

/// Properties that concern only the inside of the Java driver.
const INSIDE: [&str; 24] = [
    "applicationintent",
    "sendstringparametersasunicode",
    "selectmethod",
    "responsebuffering",
    "statementpoolingcachesize",
    "disablestatementpooling",
    "enableprepareonfirstpreparedstatementcall",
    "serverpreparedstatementdiscardthreshold",
    "sendtimeasdatetime",
    "sendtemporaldatatypesasstringforbulkcopy",
    "usebulkcopyforbatchinsert",
    "usefmtonly",
    "delayloadinglobs",
    "ignoreoffsetondatetimeoffsetconversion",
    "datetimeparametertype",
    "calcbigdecimalprecision",
    "xopenstates",
    "lastupdatecount",
    "connectretrycount",
    "connectretryinterval",
    "maxresultbuffer",
    "packetsize",
    "preparemethod",
    "cachebulkcopymetadata",
];

/// Properties that ask for something that does not exist here, and what to do instead.
const UNSUPPORTED: [(&str, &str); 24] = [
    ("authenticationScheme", "with integratedSecurity=true it is always Kerberos"),
    ("accessToken", ""),
    ("accessTokenCallbackClass", ""),
    ("columnEncryptionSetting", ""),
    ("keyStoreAuthentication", ""),
    ("keyStoreLocation", ""),
    ("keyStoreSecret", ""),
    ("failoverPartner", "name the server that is to be read"),
    ("fips", ""),
    ("gsscredential", ""),
    ("jaasConfigurationName", ""),
    ("msiClientId", ""),
    ("realm", "it is that of the ticket"),
    ("serverSpn", ""),
    ("socketFactoryClass", ""),
    ("sslProtocol", "TLS 1.2 and 1.3 are used"),
    ("trustManagerClass", ""),
    ("trustStore", "set …_CA_FILE to a PEM file of the authorities"),
    ("trustStorePassword", "set …_CA_FILE to a PEM file of the authorities"),
    ("trustStoreType", "set …_CA_FILE to a PEM file of the authorities"),
    ("serverCertificate", "set …_CA_FILE to a PEM file of the certificate"),
    ("clientCertificate", ""),
    ("clientKey", ""),
    ("socketTimeout", "HOOVER_QUERY_TIMEOUT_SECONDS limits every answer"),
];

impl JdbcUrl {
    /// Reads a URL. Names of properties may be in any case; of a repeated property the first counts.
    ///
    /// # Errors
    /// When it is no such URL, or a property of it cannot be honoured.
    pub fn parse(url: &str) -> Result<Self, JdbcError> {
        let rest = strip_prefix_any_case(url.trim(), PREFIX).ok_or(JdbcError::Form)?;
        let (server, properties) = match rest.split_once(';') {
            Some((server, properties)) => (server, properties),
            None => (rest, ""),
        };
        let mut parsed = Self {
            host: "localhost".to_owned(),
            instance: None,
            port: None,
            database: None,
            encryption: Encryption::Everything,
            trust_server_certificate: false,
            host_name_in_certificate: None,
            login: Login::User { user: None, password: None },
            application_name: APPLICATION_NAME.to_owned(),
            workstation: None,
            read_only: true,
            login_timeout: DEFAULT_LOGIN_TIMEOUT,
            lock_timeout: None,
        };
        parsed.take_server(server)?;
        let mut seen = Vec::new();
        for (place, (name, value)) in split_properties(properties)?.into_iter().enumerate() {
            let name = name.to_ascii_lowercase();
            if !seen.contains(&name) {
                parsed.take(&name, value, place + 1)?;
                seen.push(name);
            }
        }
        if parsed.port.is_none() && parsed.instance.is_none() {
            parsed.port = Some(DEFAULT_PORT);
        }
        Ok(parsed)
    }

    fn take_server(&mut self, server: &str) -> Result<(), JdbcError> {
        // An IPv6 address is in brackets.
        let (name, port) = match server.rfind(':').filter(|colon| !server[*colon..].contains(']')) {
            Some(colon) => (&server[..colon], Some(&server[colon + 1..])),
            None => (server, None),
        };
        if let Some(port) = port {
            self.port = Some(port.parse().map_err(|_| JdbcError::Form)?);
        }
        let (host, instance) = match name.split_once('\\') {
            Some((host, instance)) => (host, Some(instance)),
            None => (name, None),
        };
        if let Some(instance) = instance {
            self.instance = Some(instance.to_owned()).filter(|instance| !instance.is_empty());
        }
        if !host.is_empty() {
            host.trim_start_matches('[').trim_end_matches(']').clone_into(&mut self.host);
        }
        Ok(())
    }

    fn take(&mut self, name: &str, value: String, place: usize) -> Result<(), JdbcError> {
        match name {
            "servername" | "server" => value.clone_into(&mut self.host),
            "instancename" => self.instance = Some(value),
            "portnumber" | "port" => {
                self.port = Some(value.parse().map_err(|_| wrong("portNumber", "a port"))?);
            }
            "databasename" | "database" => self.database = Some(value).filter(|name| !name.is_empty()),
            "encrypt" => {
                self.encryption = match value.to_ascii_lowercase().as_str() {
                    "true" | "mandatory" | "yes" => Encryption::Everything,
                    "false" | "optional" | "no" => Encryption::AsTheServerAsks,
                    "strict" => {
                        let instead = "true encrypts everything, within TDS 7.4";
                        return Err(JdbcError::Unsupported { name: "encrypt=strict", instead });
                    }
                    _ => return Err(wrong("encrypt", "true or false")),
                }
            }
            "trustservercertificate" => {
                self.trust_server_certificate = truth("trustServerCertificate", &value)?;
            }
            "hostnameincertificate" => {
                self.host_name_in_certificate = Some(value).filter(|name| !name.is_empty());
            }
            "integratedsecurity" => {
                if truth("integratedSecurity", &value)? {
                    self.integrate()?;
                }
            }
            "authentication" => self.authenticate(&value)?,
            "user" | "username" => {
                if let Login::User { user, .. } = &mut self.login {
                    *user = Some(value);
                }
            }
            "password" => {
                if let Login::User { password, .. } = &mut self.login {
                    *password = Some(value);
                }
            }
            "applicationname" => self.application_name = value,
            "workstationid" => self.workstation = Some(value),
            "applicationintent" => {
                self.read_only = match value.to_ascii_lowercase().as_str() {
                    "readonly" => true,
                    "readwrite" => false,
                    _ => return Err(wrong("applicationIntent", "ReadOnly or ReadWrite")),
                }
            }
            "logintimeout" => {
                self.login_timeout = seconds("loginTimeout", &value)?.unwrap_or(DEFAULT_LOGIN_TIMEOUT);
            }
            "locktimeout" => {
                let milliseconds: i64 = number("lockTimeout", &value)?;
                self.lock_timeout = u64::try_from(milliseconds).ok().map(Duration::from_millis);
            }
            // Without a limit, or with one, it is ours that counts.
            "querytimeout" | "cancelquerytimeout" => {
                number("queryTimeout", &value)?;
            }
            "multisubnetfailover" | "transparentnetworkipresolution" => {
                if truth("multiSubnetFailover", &value)? && name == "multisubnetfailover" {
                    return Err(JdbcError::Unsupported { name: "multiSubnetFailover", instead: "" });
                }
            }
            "replication" => (),
            other if INSIDE.iter().any(|inside| inside.eq_ignore_ascii_case(other)) => {
                tracing::debug!(property = other, "concerns only the inside of the Java driver");
            }
            // The driver's default for all of them.
            "sockettimeout" if value == "0" => (),
            "fips" if value.eq_ignore_ascii_case("false") => (),
            "columnencryptionsetting" if value.eq_ignore_ascii_case("disabled") => (),
            other => {
                let unsupported = UNSUPPORTED.iter().find(|(name, _)| name.eq_ignore_ascii_case(other));
                return Err(match unsupported {
                    Some((name, instead)) => JdbcError::Unsupported { name, instead },
                    // Its name is not repeated: after a mistake with semicolons it may be a part of the password.
                    None => JdbcError::Unknown(place),
                });
            }
        }
        Ok(())
    }

    fn authenticate(&mut self, value: &str) -> Result<(), JdbcError> {
        match value.to_ascii_lowercase().as_str() {
            "notspecified" | "sqlpassword" => Ok(()),
            "activedirectoryintegrated" => self.integrate(),
            _ => Err(JdbcError::Unsupported {
                name: "authentication",
                instead: "user and password of SQL Server, or integratedSecurity=true",
            }),
        }
    }

    fn integrate(&mut self) -> Result<(), JdbcError> {
        if !cfg!(feature = "kerberos") {
            let instead = "build hoover with the feature `kerberos`, or give user and password";
            return Err(JdbcError::Unsupported { name: "integratedSecurity", instead });
        }
        self.login = Login::Integrated;
        Ok(())
    }
}

fn wrong(name: &'static str, expected: &'static str) -> JdbcError {
    JdbcError::Value { name, expected }
}

fn truth(name: &'static str, value: &str) -> Result<bool, JdbcError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(wrong(name, "true or false")),
    }
}

fn number(name: &'static str, value: &str) -> Result<i64, JdbcError> {
    value.parse().map_err(|_| wrong(name, "a whole number"))
}

fn seconds(name: &'static str, value: &str) -> Result<Option<Duration>, JdbcError> {
    let seconds = u64::try_from(number(name, value)?).map_err(|_| wrong(name, "a number of seconds"))?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
}

fn strip_prefix_any_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// `name=value;…`; a value may be in braces, in which `}` is written twice.
fn split_properties(mut text: &str) -> Result<Vec<(&str, String)>, JdbcError> {
    let mut properties = Vec::new();
    loop {
        text = text.trim_start_matches([';', ' ']);
        if text.is_empty() {
            return Ok(properties);
        }
        let (name, rest) = text.split_once('=').ok_or(JdbcError::Form)?;
        let (value, rest) = if let Some(braced) = rest.trim_start().strip_prefix('{') {
            braced_value(braced)?
        } else {
            let (value, rest) = rest.split_once(';').unwrap_or((rest, ""));
            (value.trim().to_owned(), rest)
        };
        properties.push((name.trim(), value));
        text = rest;
    }
}

fn braced_value(text: &str) -> Result<(String, &str), JdbcError> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('}').ok_or(JdbcError::Form)?;
        value.push_str(part);
        match after.strip_prefix('}') {
            Some(more) => {
                value.push('}');
                rest = more;
            }
            None => return Ok((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> JdbcUrl {
        JdbcUrl::parse(url).unwrap()
    }

    fn error(properties: &str) -> String {
        JdbcUrl::parse(&format!("jdbc:sqlserver://h;{properties}")).unwrap_err().to_string()
    }

    #[test]
    fn defaults_are_those_of_the_java_driver() {
        let url = parsed("jdbc:sqlserver://db.example");
        assert_eq!((url.host.as_str(), url.port, url.instance), ("db.example", Some(1433), None));
        assert_eq!((url.encryption, url.trust_server_certificate), (Encryption::Everything, false));
        assert_eq!((url.login_timeout, url.read_only), (Duration::from_secs(30), true));
        assert_eq!(url.application_name, "EMAP hoover");
    }

    #[test]
    fn server_instance_port_and_properties() {
        let url = parsed(
            "jdbc:sqlserver://db\\reports:1444;DatabaseName=clarity;encrypt=FALSE;trustServerCertificate=true;",
        );
        assert_eq!(
            (url.host.as_str(), url.instance.as_deref(), url.port),
            ("db", Some("reports"), Some(1444))
        );
        assert_eq!((url.database.as_deref(), url.encryption), (Some("clarity"), Encryption::AsTheServerAsks));
        let by_name = parsed("jdbc:sqlserver://db\\reports;databaseName=x");
        assert_eq!((by_name.instance.as_deref(), by_name.port), (Some("reports"), None));
        let by_property = parsed("jdbc:sqlserver://;serverName=s;portNumber=7;user=u;password={a;b}}c}");
        assert_eq!((by_property.host.as_str(), by_property.port), ("s", Some(7)));
        let login = Login::User { user: Some("u".to_owned()), password: Some("a;b}c".to_owned()) };
        assert_eq!(by_property.login, login);
        assert_eq!(parsed("jdbc:sqlserver://[::1]:5;").host, "::1");
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name_and_nothing_secret_is_repeated() {
        assert!(error("encrypt=strict").contains("encrypt=strict"));
        assert!(error("trustStore=/x.jks").contains("_CA_FILE"));
        assert!(error("multiSubnetFailover=true").contains("multiSubnetFailover"));
        assert_eq!(error("encrypt=perhaps"), "property encrypt must be true or false");
        // A password with a semicolon outside of braces.
        let secret = error("password=s3;cret=1");
        assert_eq!(secret, "property 2 of the URL is unknown");
        for wrong in ["jdbc:postgresql://h/x", "jdbc:sqlserver://h:port", "jdbc:sqlserver://h;loose"] {
            assert_eq!(JdbcUrl::parse(wrong), Err(JdbcError::Form), "{wrong}");
        }
        assert!(!format!("{:?}", parsed("jdbc:sqlserver://h;user=u;password=s3cret")).contains("s3cret"));
    }

    #[cfg(not(feature = "kerberos"))]
    #[test]
    fn integrated_login_needs_its_feature() {
        assert!(error("integratedSecurity=true").contains("kerberos"));
    }
}
