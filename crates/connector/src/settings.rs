//! Settings of the connector.

mod broker;
mod keys;
mod values;

pub(crate) use self::values::{Compression, LogFormat};

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use chrono_tz::Tz;
use emap_postgres::Config;
use emap_queue::BrokerConfig;
use emap_service::settings::{AnyKey, DatabaseSettings, Group, RequiredKey, Settings, SettingsError, zone};
use ipnet::IpNet;

use self::values::Environment;

/// What the connector needs to know.
#[derive(Debug, Clone)]
pub struct ConnectorSettings {
    /// Port of the HTTP endpoints; 0 = any free one.
    pub port: u16,
    /// Whether the endpoints for developers are there (`/ui/`, `/debug`, `/drop_data`).
    pub development: bool,
    /// Whether `/drop_data` may empty the table.
    pub allow_drop_data: bool,
    /// Longest body of an HTTP request, in bytes.
    pub max_body_bytes: usize,
    /// Most HTTP connections at a time.
    pub max_connections: u32,
    /// How long a request's headers may take to arrive.
    pub header_time: Duration,
    /// The connector's own database.
    pub database: DatabaseAccess,
    /// Who may call.
    pub tokens: TokenSettings,
    /// The EPR Service Adapter.
    pub adapter: AdapterSettings,
    /// Where the platform's configuration of this hospital is.
    pub trustomer: TrustomerSettings,
    /// The receiver of documents; `None` = documents are not forwarded.
    pub mirth: Option<MirthSettings>,
    /// RabbitMQ; `None` = actions are not published.
    pub broker: Option<BrokerConfig>,
    /// How published bodies are compressed.
    pub compression: Compression,
    /// Zone of times without offset, and of times that are sent.
    pub zone: Tz,
    /// Whether the named message transformer exists.
    pub transformer: String,
    /// The message store that accepted messages are appended to.
    pub ids: Option<IdsSettings>,
    /// The MLLP listener.
    pub mllp: Option<MllpSettings>,
    /// First pause before something is sent again.
    pub retry_initial: Duration,
    /// Longest such pause.
    pub retry_maximum: Duration,
    /// Log lines.
    pub log: LogSettings,
}

/// The connector's own database and how many connections it may take.
#[derive(Debug, Clone)]
pub struct DatabaseAccess {
    /// Where it is.
    pub config: Config,
    /// Connections for requests.
    pub connections: usize,
    /// Longest wait for one of them.
    pub patience: Duration,
}

/// Tokens of callers.
#[derive(Clone)]
pub struct TokenSettings {
    /// Issuer of the platform's own tokens, and the audience of all.
    pub internal_issuer: String,
    /// Key of the platform's own tokens.
    pub internal_key: String,
    /// Issuer of the adapter's tokens.
    pub adapter_issuer: String,
    /// Key of the adapter's tokens.
    pub adapter_key: String,
    /// Tokens are not checked: development only.
    pub ignore: bool,
}

/// The EPR Service Adapter, to which observations are sent.
#[derive(Clone)]
pub struct AdapterSettings {
    /// Base of its URLs.
    pub url_base: String,
    /// Issuer and audience of the tokens that we make for it.
    pub issuer: String,
    /// Key of these tokens.
    pub key: String,
    /// How long such a token is valid.
    pub token_lifetime: Duration,
    /// Scope of these tokens, if Redis is not to be asked.
    pub scope: Option<String>,
    /// Scope if Redis has none: development only.
    pub mock_scope: Option<String>,
    /// Where the platform keeps the scope.
    pub redis: Option<RedisSettings>,
}

/// A Redis server.
#[derive(Clone)]
pub struct RedisSettings {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Password.
    pub password: String,
    /// Longest wait for an answer.
    pub timeout: Duration,
    /// Whether to use TLS.
    pub tls: bool,
}

/// The service that has the hospital's configuration.
#[derive(Clone)]
pub struct TrustomerSettings {
    /// Base of its URLs.
    pub host: String,
    /// The hospital, in lower case.
    pub customer: String,
    /// Key of the API.
    pub api_key: String,
    /// How long an answer is used again; zero = never.
    pub cache: Duration,
}

/// The receiver of documents.
#[derive(Clone)]
pub struct MirthSettings {
    /// Where its WSDL is.
    pub url: String,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

macro_rules! debug_without_secrets {
    ($($name:ident),*) => {
        $(impl std::fmt::Debug for $name {
            /// Values may be passwords.
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}

debug_without_secrets!(TokenSettings, AdapterSettings, RedisSettings, TrustomerSettings, MirthSettings);

/// The message store.
#[derive(Debug, Clone)]
pub struct IdsSettings {
    /// Where it is and which schema is the store's.
    pub database: DatabaseSettings,
    /// Zone of its `timestamp` columns.
    pub zone: Tz,
}

/// The MLLP listener.
#[derive(Debug, Clone)]
pub struct MllpSettings {
    /// Where it listens.
    pub address: SocketAddr,
    /// Who may connect; empty = everyone.
    pub allow: Vec<IpNet>,
    /// Longest message, in bytes.
    pub max_message_bytes: usize,
    /// Most connections at a time.
    pub max_connections: usize,
    /// How long a connection may be silent, and how long a frame may take.
    pub idle: Duration,
    /// TLS.
    pub tls: Option<MllpTls>,
}

/// Files for TLS, PEM.
#[derive(Debug, Clone)]
pub struct MllpTls {
    /// Our certificate and those that lead to its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Authorities of clients' certificates; given, a client must have one.
    pub client_authorities: Option<PathBuf>,
}

/// What is logged, and how.
#[derive(Debug, Clone, Copy)]
pub struct LogSettings {
    /// Lowest level of our own lines.
    pub level: tracing::level_filters::LevelFilter,
    /// Form of a line.
    pub format: LogFormat,
}

impl ConnectorSettings {
    /// Everything that the connector's commands read.
    pub const GROUPS: &'static [Group] =
        &[keys::GROUP, keys::UNUSED, broker::GROUP, DatabaseSettings::IDS_KEYS, zone::KEYS];

    /// Reads them.
    ///
    /// # Errors
    /// When one is missing or wrong, or two contradict each other.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let development = settings.get(&keys::ENVIRONMENT)?.is_development();
        let allow_drop_data = only_in_development(settings, &keys::ALLOW_DROP_DATA, development)?;
        let ignore = only_in_development(settings, &keys::IGNORE_JWT_VALIDATION, development)?;
        settings.get(&keys::AUTH0_AUDIENCE)?;
        let adapter_issuer = settings.get(&keys::ADAPTER_ISSUER)?;
        let adapter_key = settings.get(&keys::ADAPTER_HS_KEY)?;
        Ok(Self {
            port: settings.get(&keys::PORT)?,
            development,
            allow_drop_data,
            max_body_bytes: settings.get(&keys::MAX_BODY_BYTES)?.get() as usize,
            max_connections: settings.get(&keys::MAX_CONNECTIONS)?.get(),
            header_time: settings.get(&keys::HEADER_TIME)?,
            database: database(settings)?,
            tokens: TokenSettings {
                internal_issuer: format!("{}/", settings.get(&keys::PROXY_URL)?.trim_end_matches('/')),
                internal_key: settings.get(&keys::HS_KEY)?,
                adapter_issuer: adapter_issuer.clone(),
                adapter_key: adapter_key.clone(),
                ignore,
            },
            adapter: AdapterSettings {
                url_base: settings.get(&keys::ADAPTER_URL_BASE)?,
                issuer: adapter_issuer,
                key: adapter_key,
                token_lifetime: settings.get(&keys::JWT_EXPIRY)?,
                scope: settings.get(&keys::ADAPTER_SCOPE)?,
                mock_scope: settings.get(&keys::MOCK_ADAPTER_SCOPE)?.filter(|_| development),
                redis: redis(settings)?,
            },
            trustomer: TrustomerSettings {
                host: settings.get(&keys::TRUSTOMER_HOST)?,
                customer: settings.get(&keys::CUSTOMER_CODE)?.to_lowercase(),
                api_key: settings.get(&keys::POLARIS_API_KEY)?,
                cache: settings.get(&keys::TRUSTOMER_CACHE)?,
            },
            mirth: mirth(settings)?,
            broker: broker::from_settings(settings)?,
            compression: settings.get(&broker::CompressionKey)?,
            zone: settings.get(&keys::SERVER_TIMEZONE)?,
            transformer: settings.get(&keys::TRANSFORMER)?,
            ids: ids(settings)?,
            mllp: mllp(settings)?,
            retry_initial: settings.get(&keys::RETRY_INITIAL)?,
            retry_maximum: settings.get(&keys::RETRY_MAXIMUM)?,
            log: log(settings)?,
        })
    }

    /// Only what commands need that work on the database.
    ///
    /// # Errors
    /// When one is missing or wrong.
    pub fn database_only(settings: &Settings) -> Result<DatabaseAccess, SettingsError> {
        database(settings)
    }

    /// Only the port of the HTTP endpoints.
    ///
    /// # Errors
    /// When it is wrong.
    pub fn port_only(settings: &Settings) -> Result<u16, SettingsError> {
        settings.get(&keys::PORT)
    }
}

/// How lines are logged.
fn log(settings: &Settings) -> Result<LogSettings, SettingsError> {
    Ok(LogSettings { level: settings.get(&keys::LOG_LEVEL)?, format: settings.get(&keys::LOG_FORMAT)? })
}

fn only_in_development(
    settings: &Settings,
    key: &emap_service::Key<bool>,
    development: bool,
) -> Result<bool, SettingsError> {
    let given = settings.get(key)?;
    if given && !development {
        let expected =
            format!("false: it is for development only, ENVIRONMENT being {}", Environment::PRODUCTION);
        return Err(SettingsError::invalid(key.name(), expected, "true"));
    }
    Ok(given)
}

fn database(settings: &Settings) -> Result<DatabaseAccess, SettingsError> {
    let (host, port) = (settings.get(&keys::DATABASE_HOST)?, settings.get(&keys::DATABASE_PORT)?);
    let name = settings.get(&keys::DATABASE_NAME)?;
    let encoded = percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC);
    let config = Config::from_url(&format!("postgresql://{host}:{port}/{encoded}"))
        .map_err(|_| SettingsError::invalid(keys::DATABASE_HOST.name(), "a host name or address", &host))?;
    let login = (settings.get(&keys::DATABASE_USER)?, password(settings, &keys::DATABASE_PASSWORD)?);
    let connections = settings.get(&keys::POOL_SIZE)?.get() + settings.get(&keys::POOL_OVERFLOW)?;
    Ok(DatabaseAccess {
        config: config.with_login(Some(login.0), Some(login.1)),
        connections: connections as usize,
        patience: settings.get(&keys::POOL_TIMEOUT)?,
    })
}

/// Of a server that asks for none it is blank, but must be mentioned.
fn password(settings: &Settings, key: &RequiredKey<String>) -> Result<String, SettingsError> {
    match settings.get(key) {
        Err(SettingsError::Missing { .. }) if settings.mentions(key) => Ok(String::new()),
        read => read,
    }
}

fn redis(settings: &Settings) -> Result<Option<RedisSettings>, SettingsError> {
    // With a scope of its own the connector needs no Redis.
    if !settings.get(&keys::REDIS_INSTALLED)? || settings.get(&keys::ADAPTER_SCOPE)?.is_some() {
        return Ok(None);
    }
    Ok(Some(RedisSettings {
        host: settings.get(&keys::REDIS_HOST)?,
        port: settings.get(&keys::REDIS_PORT)?,
        password: password(settings, &keys::REDIS_PASSWORD)?,
        timeout: settings.get(&keys::REDIS_TIMEOUT)?,
        tls: settings.get(&keys::REDIS_USE_SSL)?,
    }))
}

fn mirth(settings: &Settings) -> Result<Option<MirthSettings>, SettingsError> {
    let Some(url) = settings.get(&keys::MIRTH_URL)? else { return Ok(None) };
    Ok(Some(MirthSettings {
        url,
        username: settings.get(&keys::MIRTH_USERNAME)?.unwrap_or_default(),
        password: settings.get(&keys::MIRTH_PASSWORD)?.unwrap_or_default(),
    }))
}

fn ids(settings: &Settings) -> Result<Option<IdsSettings>, SettingsError> {
    if !settings.get(&keys::IDS_ENABLED)? {
        return Ok(None);
    }
    Ok(Some(IdsSettings { database: DatabaseSettings::ids(settings)?, zone: settings.get(&zone::ZONE)? }))
}

fn mllp(settings: &Settings) -> Result<Option<MllpSettings>, SettingsError> {
    if !settings.get(&keys::MLLP_ENABLED)? {
        return Ok(None);
    }
    let tls = match (settings.get(&keys::MLLP_TLS_CERT)?, settings.get(&keys::MLLP_TLS_KEY)?) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(MllpTls {
            certificate: certificate.into(),
            key: key.into(),
            client_authorities: settings.get(&keys::MLLP_TLS_CLIENT_CA)?.map(PathBuf::from),
        }),
        (Some(_), None) => return Err(incomplete(&keys::MLLP_TLS_KEY)),
        (None, Some(_)) => return Err(incomplete(&keys::MLLP_TLS_CERT)),
    };
    Ok(Some(MllpSettings {
        address: SocketAddr::new(settings.get(&keys::MLLP_ADDRESS)?.0, settings.get(&keys::MLLP_PORT)?),
        allow: settings.get(&keys::MLLP_ALLOW)?.0,
        max_message_bytes: settings.get(&keys::MLLP_MAX_MESSAGE_BYTES)?.get() as usize,
        max_connections: settings.get(&keys::MLLP_MAX_CONNECTIONS)?.get() as usize,
        idle: settings.get(&keys::MLLP_IDLE)?,
        tls,
    }))
}

fn incomplete(key: &dyn AnyKey) -> SettingsError {
    SettingsError::invalid_secret(key.name(), "a file name: certificate and key belong together")
}
