//! The declared settings.

use std::{num::NonZeroU32, time::Duration};

use chrono_tz::Tz;
use emap_service::settings::{Group, Key, RequiredKey};
use tracing::level_filters::LevelFilter;

use super::values::{Address, Environment, LogFormat, Networks};

/// A count that is at least 1.
const fn count(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

type Text = RequiredKey<String>;
type Optional = Key<Option<String>>;

pub(super) const PORT: Key<u16> =
    Key::new("server.port", || 5000, "port of the HTTP endpoints; 0 = any free port");
pub(super) const ENVIRONMENT: Key<Environment> = Key::new(
    "environment",
    Environment::production,
    "DEMO, DEVELOPMENT, STAGING, TRAINING or TEST: endpoints for developers are there",
);
pub(super) const ALLOW_DROP_DATA: Key<bool> =
    Key::new("allow.drop.data", || false, "true: POST /drop_data empties the table; refused in production");
pub(super) const IGNORE_JWT_VALIDATION: Key<bool> =
    Key::new("ignore.jwt.validation", || false, "true: tokens are not checked; refused in production");
pub(super) const MAX_BODY_BYTES: Key<NonZeroU32> =
    Key::new("connector.http.max-body-bytes", || count(16 << 20), "longest body of a request, in bytes");

pub(super) const MAX_CONNECTIONS: Key<NonZeroU32> = Key::new(
    "connector.http.max-connections",
    || count(1000),
    "most HTTP connections at a time; others wait",
);
pub(super) const HEADER_TIME: Key<Duration> = Key::new(
    "connector.http.header-seconds",
    || Duration::from_secs(60),
    "seconds within which all headers of an HTTP request must have arrived, also of the next one on a connection",
);

pub(super) const DATABASE_HOST: Text = RequiredKey::new("database.host", "host of the connector's database");
pub(super) const DATABASE_PORT: RequiredKey<u16> =
    RequiredKey::new("database.port", "port of the connector's database");
pub(super) const DATABASE_USER: Text = RequiredKey::new("database.user", "user of the connector's database");
pub(super) const DATABASE_PASSWORD: Text =
    RequiredKey::new("database.password", "password of the connector's database").secret();
pub(super) const DATABASE_NAME: Text = RequiredKey::new("database.name", "name of the connector's database");
pub(super) const POOL_SIZE: Key<NonZeroU32> =
    Key::new("sqlalchemy.pool.size", || count(2), "database connections for requests");
pub(super) const POOL_OVERFLOW: Key<u32> =
    Key::new("sqlalchemy.max.overflow", || 0, "further database connections for requests");
pub(super) const POOL_TIMEOUT: Key<Duration> = Key::new(
    "sqlalchemy.pool.timeout",
    || Duration::from_secs(30),
    "seconds that a request waits for a database connection",
);

pub(super) const PROXY_URL: Text = RequiredKey::new(
    "proxy.url",
    "the platform's URL without a slash at its end: issuer and audience of its tokens",
);
pub(super) const HS_KEY: Text = RequiredKey::new("hs.key", "key of the platform's tokens").secret();
pub(super) const ADAPTER_ISSUER: Text =
    RequiredKey::new("epr.service.adapter.issuer", "issuer of the EPR Service Adapter's tokens");
pub(super) const ADAPTER_HS_KEY: Text =
    RequiredKey::new("epr.service.adapter.hs.key", "key of the EPR Service Adapter's tokens").secret();
pub(super) const ADAPTER_URL_BASE: Text =
    RequiredKey::new("epr.service.adapter.url.base", "base of the EPR Service Adapter's URLs");
pub(super) const ADAPTER_SCOPE: Optional = Key::new(
    "epr.service.adapter.scope",
    || None,
    "scope of tokens for the EPR Service Adapter; blank = Redis is asked",
);
pub(super) const MOCK_ADAPTER_SCOPE: Optional = Key::new(
    "mock.epr.service.adapter.scope",
    || None,
    "the same where Redis has none; only outside production",
);
pub(super) const JWT_EXPIRY: Key<Duration> = Key::new(
    "jwt.expiry.in.seconds",
    || Duration::from_secs(600),
    "seconds for which a token for the EPR Service Adapter is valid",
);
pub(super) const AUTH0_AUDIENCE: Text =
    RequiredKey::new("auth0.audience", "audience at the external identity provider; not used, but expected");

pub(super) const REDIS_INSTALLED: Key<bool> =
    Key::new("redis.installed", || true, "false: there is no Redis");
pub(super) const REDIS_HOST: Text = RequiredKey::new("redis.host", "host of Redis");
pub(super) const REDIS_PORT: RequiredKey<u16> = RequiredKey::new("redis.port", "port of Redis");
pub(super) const REDIS_PASSWORD: Text = RequiredKey::new("redis.password", "password of Redis").secret();
pub(super) const REDIS_TIMEOUT: Key<Duration> =
    Key::new("redis.timeout", || Duration::from_secs(2), "seconds to wait for Redis");
pub(super) const REDIS_USE_SSL: Key<bool> =
    Key::new("redis.use.ssl", || false, "true: Redis is reached by TLS");

pub(super) const SERVER_TIMEZONE: RequiredKey<Tz> =
    RequiredKey::new("server.timezone", "zone of times without offset, e.g. Europe/London");
pub(super) const TRANSFORMER: Key<String> = Key::new(
    "hl7.transformer.module",
    || crate::transformer::IDENTITY.to_owned(),
    "name of the message transformer; only the default exists, which changes nothing",
);

pub(super) const MIRTH_URL: Optional = Key::new(
    "mirth.host.url.base",
    || None,
    "URL of the receiver of documents; blank = documents are not accepted",
);
pub(super) const MIRTH_USERNAME: Optional =
    Key::new("mirth.username", || None, "user at the receiver of documents");
pub(super) const MIRTH_PASSWORD: Optional =
    Key::new("mirth.password", || None, "password at the receiver of documents").secret();

pub(super) const CUSTOMER_CODE: Text = RequiredKey::new("customer.code", "code of the hospital");
pub(super) const TRUSTOMER_HOST: Text = RequiredKey::new(
    "dhos.trustomer.api.host",
    "base of the URLs of the service with the hospital's configuration",
);
pub(super) const POLARIS_API_KEY: Text = RequiredKey::new("polaris.api.key", "key of that service").secret();
pub(super) const TRUSTOMER_CACHE: Key<Duration> = Key::new(
    "trustomer.config.cache.ttl.sec",
    || Duration::from_secs(3600),
    "seconds for which the hospital's configuration is kept; 0 = not at all",
);

pub(super) const RETRY_INITIAL: Key<Duration> = Key::new(
    "connector.retry.delay.initial",
    || Duration::from_secs(1),
    "first pause before something is published or sent again, in seconds",
);
pub(super) const RETRY_MAXIMUM: Key<Duration> =
    Key::new("connector.retry.delay.maximum", || Duration::from_secs(600), "longest such pause");

pub(super) const IDS_ENABLED: Key<bool> =
    Key::new("connector.ids.enabled", || false, "true: accepted messages are appended to the message store");

pub(super) const MLLP_ENABLED: Key<bool> =
    Key::new("connector.mllp.enabled", || false, "true: listen for MLLP");
pub(super) const MLLP_ADDRESS: Key<Address> =
    Key::new("connector.mllp.address", Address::any, "address on which to listen for MLLP");
pub(super) const MLLP_PORT: Key<u16> =
    Key::new("connector.mllp.port", || 2575, "port on which to listen for MLLP");
pub(super) const MLLP_ALLOW: Key<Networks> = Key::new(
    "connector.mllp.allow",
    Networks::default,
    "addresses and networks that may send, separated by commas; blank = all",
);
pub(super) const MLLP_MAX_MESSAGE_BYTES: Key<NonZeroU32> =
    Key::new("connector.mllp.max-message-bytes", || count(16 << 20), "longest message over MLLP, in bytes");
pub(super) const MLLP_MAX_CONNECTIONS: Key<NonZeroU32> =
    Key::new("connector.mllp.max-connections", || count(1000), "most MLLP connections at a time");
pub(super) const MLLP_IDLE: Key<Duration> = Key::new(
    "connector.mllp.idle-seconds",
    || Duration::from_secs(300),
    "seconds that an MLLP connection may be silent; a message must arrive whole within a fifth of that",
);
pub(super) const MLLP_TLS_CERT: Optional = Key::new(
    "connector.mllp.tls.cert",
    || None,
    "PEM file of the certificate for MLLP; given, only TLS is accepted",
);
pub(super) const MLLP_TLS_KEY: Optional =
    Key::new("connector.mllp.tls.key", || None, "PEM file of its private key, not encrypted");
pub(super) const MLLP_TLS_CLIENT_CA: Optional = Key::new(
    "connector.mllp.tls.client-ca",
    || None,
    "PEM file of authorities; given, senders over MLLP must have a certificate of one",
);

pub(super) const LOG_LEVEL: Key<LevelFilter> =
    Key::new("log.level", || LevelFilter::INFO, "log level: ERROR, WARN, INFO, DEBUG, TRACE or OFF");
pub(super) const LOG_FORMAT: Key<LogFormat> =
    Key::new("log.format", || LogFormat::Json, "form of log lines: JSON, PLAIN or COLOUR");

pub(super) const GROUP: Group = &[
    &PORT,
    &ENVIRONMENT,
    &ALLOW_DROP_DATA,
    &IGNORE_JWT_VALIDATION,
    &MAX_BODY_BYTES,
    &MAX_CONNECTIONS,
    &HEADER_TIME,
    &DATABASE_HOST,
    &DATABASE_PORT,
    &DATABASE_USER,
    &DATABASE_PASSWORD,
    &DATABASE_NAME,
    &POOL_SIZE,
    &POOL_OVERFLOW,
    &POOL_TIMEOUT,
    &PROXY_URL,
    &HS_KEY,
    &ADAPTER_ISSUER,
    &ADAPTER_HS_KEY,
    &ADAPTER_URL_BASE,
    &ADAPTER_SCOPE,
    &MOCK_ADAPTER_SCOPE,
    &JWT_EXPIRY,
    &AUTH0_AUDIENCE,
    &REDIS_INSTALLED,
    &REDIS_HOST,
    &REDIS_PORT,
    &REDIS_PASSWORD,
    &REDIS_TIMEOUT,
    &REDIS_USE_SSL,
    &SERVER_TIMEZONE,
    &TRANSFORMER,
    &MIRTH_URL,
    &MIRTH_USERNAME,
    &MIRTH_PASSWORD,
    &CUSTOMER_CODE,
    &TRUSTOMER_HOST,
    &POLARIS_API_KEY,
    &TRUSTOMER_CACHE,
    &RETRY_INITIAL,
    &RETRY_MAXIMUM,
    &IDS_ENABLED,
    &MLLP_ENABLED,
    &MLLP_ADDRESS,
    &MLLP_PORT,
    &MLLP_ALLOW,
    &MLLP_MAX_MESSAGE_BYTES,
    &MLLP_MAX_CONNECTIONS,
    &MLLP_IDLE,
    &MLLP_TLS_CERT,
    &MLLP_TLS_KEY,
    &MLLP_TLS_CLIENT_CA,
    &LOG_LEVEL,
    &LOG_FORMAT,
];

/// Settings of the service that this one replaces, accepted and without effect.
pub(super) const UNUSED: Group = &[&POOL_RECYCLE, &POOL_PRE_PING];
const POOL_RECYCLE: Key<u32> = Key::new(
    "sqlalchemy.pool.recycle",
    || 600,
    "no effect: a lost connection is made anew when it is noticed",
);
const POOL_PRE_PING: Key<bool> = Key::new(
    "sqlalchemy.pool.pre.ping",
    || true,
    "no effect: a lost connection is made anew when it is noticed",
);
