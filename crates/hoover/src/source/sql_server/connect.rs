//! Connections to SQL Server.

use std::{io, path::PathBuf, time::Duration};

use emap_service::settings::Value;
use socket2::{SockRef, TcpKeepalive};
use tiberius::{AuthMethod, Config, EncryptionLevel, SqlBrowser, error::Error};
use tokio::{net::TcpStream, time::timeout};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::{
    prelogin::can_encrypt,
    tap::{Heard, Tap},
};
use crate::source::{
    error::SourceError,
    jdbc::{Encryption, JdbcUrl, Login},
};

/// The driver over our stream.
pub(super) type Client = tiberius::Client<Compat<Tap<TcpStream>>>;

/// A peer that vanished is noticed within about a minute.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);

/// A server acknowledges the end of a query within milliseconds.
const CANCEL_LIMIT: Duration = Duration::from_secs(5);

/// How a session reads what others are changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// The state at the start of the query; the database must allow it.
    Snapshot,
    /// Also what is not committed; takes no locks.
    ReadUncommitted,
}

impl Value for Isolation {
    fn expected() -> String {
        "snapshot or read uncommitted".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> =
            text.split([' ', '_', '-']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        match words.join(" ").as_str() {
            "snapshot" => Some(Self::Snapshot),
            "read uncommitted" => Some(Self::ReadUncommitted),
            _ => None,
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::Snapshot => "snapshot".to_owned(),
            Self::ReadUncommitted => "read uncommitted".to_owned(),
        }
    }
}

/// Where a database of SQL Server is, and how it is read.
#[derive(Clone)]
pub struct SqlServerSettings {
    /// What the URL says.
    pub url: JdbcUrl,
    /// User; wins over that of the URL.
    pub username: Option<String>,
    /// Password; wins over that of the URL.
    pub password: Option<String>,
    /// PEM file of the authorities that vouch for the server.
    pub ca_file: Option<PathBuf>,
    /// How a session reads what others are changing; `None`: as the server does by itself.
    pub isolation: Option<Isolation>,
    /// How long the server may be silent over a query.
    pub query_timeout: Duration,
}

impl std::fmt::Debug for SqlServerSettings {
    /// Without user and password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{:?} {:?}", self.url.host, self.url.port, self.url.database)
    }
}

/// An open session.
pub(super) struct Connection {
    pub(super) client: Client,
    /// What the server says in clear.
    pub(super) heard: Heard,
    /// Whether what is heard is the server's text.
    pub(super) is_clear: bool,
}

impl Connection {
    /// Connects, logs in, and sets the options that the connection is to have.
    pub(super) async fn open(settings: &SqlServerSettings) -> Result<Self, SourceError> {
        let limit = settings.url.login_timeout;
        let opened = Box::pin(timeout(limit, Self::establish(settings))).await;
        opened.unwrap_or_else(|_| {
            Err(SourceError::Unreachable(format!("no answer within {} s", limit.as_secs())))
        })
    }

    async fn establish(settings: &SqlServerSettings) -> Result<Self, SourceError> {
        let mut config = config(settings);
        let mut clear = false;
        if settings.url.encryption == Encryption::AsTheServerAsks {
            let mut probe = reach(&config).await?;
            let can = can_encrypt(&mut probe).await.map_err(|error| unreachable(&error))?;
            config.encryption(if can { EncryptionLevel::Off } else { EncryptionLevel::NotSupported });
            clear = true;
        }
        let (stream, heard) = Tap::new(reach(&config).await?);
        let client = Box::pin(Client::connect(config, stream.compat_write()))
            .await
            .map_err(|error| login_failed(&error))?;
        let mut connection = Self { client, heard, is_clear: clear };
        connection.prepare(settings).await?;
        Ok(connection)
    }

    /// Ends what may still run on the server, then the connection. A server that does not answer loses the connection,
    /// which ends it as well.
    pub(super) async fn give_up(mut self) {
        let ended = timeout(CANCEL_LIMIT, self.client.cancel_query()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::debug!("a query was ended by closing its connection");
        }
    }

    async fn prepare(&mut self, settings: &SqlServerSettings) -> Result<(), SourceError> {
        let mut batch = Vec::new();
        match settings.isolation {
            Some(Isolation::Snapshot) => batch.push("SET TRANSACTION ISOLATION LEVEL SNAPSHOT".to_owned()),
            Some(Isolation::ReadUncommitted) => {
                batch.push("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED".to_owned());
            }
            None => (),
        }
        if let Some(limit) = settings.url.lock_timeout {
            batch.push(format!("SET LOCK_TIMEOUT {}", limit.as_millis()));
        }
        for statement in batch {
            let answer =
                self.client.simple_query(statement).await.map_err(|error| failed("session", &error))?;
            answer.into_results().await.map_err(|error| failed("session", &error))?;
        }
        Ok(())
    }
}

fn config(settings: &SqlServerSettings) -> Config {
    let SqlServerSettings { url, username, password, ca_file, .. } = settings;
    let mut config = Config::new();
    config.host(&url.host);
    match (url.port, &url.instance) {
        (Some(port), _) => config.port(port),
        (None, Some(instance)) => config.instance_name(instance),
        (None, None) => (),
    }
    if let Some(database) = &url.database {
        config.database(database);
    }
    if let Some(name) = &url.host_name_in_certificate {
        config.hostname_in_certificate(name);
    }
    if let Some(workstation) = &url.workstation {
        config.client_name(workstation);
    }
    config.application_name(&url.application_name);
    config.readonly(url.read_only);
    config.encryption(EncryptionLevel::Required);
    // With `encrypt=false` the certificate does not count, in the Java driver neither.
    if url.trust_server_certificate || url.encryption == Encryption::AsTheServerAsks {
        config.trust_cert();
    } else if let Some(file) = ca_file {
        config.trust_cert_ca(file.display());
    }
    config.authentication(authentication(&url.login, username.as_deref(), password.as_deref()));
    // Our own limits hold: of the whole connection, and of each query.
    config.handshake_timeout(None);
    config.command_timeout(None);
    config
}

fn authentication(login: &Login, username: Option<&str>, password: Option<&str>) -> AuthMethod {
    match login {
        Login::User { user, password: in_url } => {
            let user = username.or(user.as_deref()).unwrap_or_default();
            AuthMethod::sql_server(user, password.or(in_url.as_deref()).unwrap_or_default())
        }
        #[cfg(feature = "kerberos")]
        Login::Integrated => AuthMethod::Integrated,
        // Refused when the URL is read.
        #[cfg(not(feature = "kerberos"))]
        Login::Integrated => AuthMethod::None,
    }
}

/// A stream to the server, by way of its browser service if the port is not known.
async fn reach(config: &Config) -> Result<TcpStream, SourceError> {
    let stream = TcpStream::connect_named(config).await.map_err(|error| login_failed(&error))?;
    let (idle, interval, retries) = KEEPALIVE;
    let keepalive = TcpKeepalive::new().with_time(idle).with_interval(interval).with_retries(retries);
    // Without them, a vanished server is noticed by the time-out of the query.
    if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&keepalive) {
        tracing::debug!(%error, "no keepalives");
    }
    Ok(stream)
}

fn unreachable(error: &io::Error) -> SourceError {
    SourceError::Unreachable(error.to_string())
}

/// Errors of logins: 4060 no such database, 4062–4064 no default database, 184xx user, password or account.
fn is_refusal(number: u32) -> bool {
    matches!(number, 4060 | 4062..=4064 | 18450..=18489 | 916)
}

fn login_failed(error: &Error) -> SourceError {
    match error {
        Error::Server(token) if is_refusal(token.code()) => {
            SourceError::LoginRefused(format!("error {}: {}", token.code(), token.message()))
        }
        Error::Server(token) => SourceError::Unreachable(format!("error {}", token.code())),
        Error::Routing { host, port } => SourceError::Unreachable(format!(
            "the server sends its clients on to {host}:{port}; name that in the URL"
        )),
        Error::Tls(reason) => {
            // The driver's advice is about its own functions.
            let reason = reason.split(" To connect anyway").next().unwrap_or_default();
            SourceError::Unreachable(format!("TLS: {reason}"))
        }
        other => SourceError::Unreachable(other.to_string()),
    }
}

/// Messages of these errors hold names of the schema at most; those of others may quote values.
fn is_harmless(number: u32) -> bool {
    matches!(
        number,
        102 | 105
            | 137
            | 156
            | 170
            | 201
            | 207
            | 208
            | 209
            | 229
            | 230
            | 319
            | 916
            | 1205
            | 1222
            | 2812
            | 3952
            | 4104
            | 8144
    )
}

/// What a failed query means. A message that may quote data is left out.
pub(super) fn failed(file: &str, error: &Error) -> SourceError {
    let file = file.to_owned();
    match error {
        Error::Server(token) => SourceError::Refused {
            file,
            number: token.code().to_string(),
            message: if is_harmless(token.code()) {
                token.message().to_owned()
            } else {
                format!("in line {}", token.line())
            },
        },
        Error::Io { kind, .. } => SourceError::Lost { file, reason: kind.to_string() },
        Error::Protocol(_) => SourceError::Lost { file, reason: "the server broke the protocol".to_owned() },
        _ => SourceError::Lost { file, reason: "the answer cannot be read".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolation_as_sites_write_it() {
        assert_eq!(Isolation::parse("READ_UNCOMMITTED"), Some(Isolation::ReadUncommitted));
        assert_eq!(Isolation::parse("Snapshot"), Some(Isolation::Snapshot));
        assert_eq!(Isolation::parse("serializable"), None);
    }
}
