//! How the daemons are configured: small batches, short pauses, all logs.

use std::path::Path;

use emap_local_services::rabbitmq;
use emap_test_support::faults::process::{Builder, Daemon};

use crate::{
    roles::{CONNECTOR, DAEMON, PASSWORD},
    servers::{IDS, Names, STAR},
};

/// Ports of this machine that the daemons connect to: of servers, or of the proxies in front of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
    /// Where the connector listens for MLLP.
    pub(crate) listener: u16,
    /// The connector's own database.
    pub(crate) database: u16,
    /// The message store, for the connector.
    pub(crate) append: u16,
    /// The broker, for the connector.
    pub(crate) actions: u16,
    /// The message store, for the reader.
    pub(crate) store: u16,
    /// The star, for the reader's progress.
    pub(crate) progress: u16,
    /// The star, for core.
    pub(crate) star: u16,
    /// The broker, for the reader.
    pub(crate) publish: u16,
    /// The broker, for core.
    pub(crate) consume: u16,
}

/// The connector.
pub(crate) fn connector(programs: &Path, names: &Names, addresses: Addresses) -> Builder {
    const UNUSED: [&str; 8] = [
        "PROXY_URL",
        "HS_KEY",
        "EPR_SERVICE_ADAPTER_ISSUER",
        "EPR_SERVICE_ADAPTER_HS_KEY",
        "EPR_SERVICE_ADAPTER_SCOPE",
        "AUTH0_AUDIENCE",
        "CUSTOMER_CODE",
        "POLARIS_API_KEY",
    ];
    let builder = Daemon::build(programs.join("connector")).argument("run");
    let builder = UNUSED.into_iter().fold(builder, |builder, name| builder.environment(name, "unused"));
    builder
        .environment("EPR_SERVICE_ADAPTER_URL_BASE", "http://127.0.0.1:9")
        .environment("DHOS_TRUSTOMER_API_HOST", "http://127.0.0.1:9")
        .environment("SERVER_TIMEZONE", "Europe/London")
        .environment("DATABASE_HOST", "127.0.0.1")
        .environment("DATABASE_PORT", addresses.database.to_string())
        .environment("DATABASE_USER", CONNECTOR)
        .environment("DATABASE_PASSWORD", PASSWORD)
        .environment("DATABASE_NAME", names.connector)
        .environment("RABBITMQ_HOST", "127.0.0.1")
        .environment("RABBITMQ_PORT", addresses.actions.to_string())
        .environment("RABBITMQ_USERNAME", rabbitmq::USER)
        .environment("RABBITMQ_PASSWORD", rabbitmq::PASSWORD)
        .environment("RABBITMQ_VIRTUAL_HOST", &names.virtual_host)
        .environment("RABBITMQ_SILENCE_SECONDS", "5")
        .environment("RABBITMQ_COMPRESSION", "")
        .environment("CONNECTOR_IDS_ENABLED", "true")
        .environment("IDS_JDBC_URL", jdbc(addresses.append, names.store))
        .environment("IDS_USERNAME", CONNECTOR)
        .environment("IDS_PASSWORD", PASSWORD)
        .environment("IDS_SCHEMA", IDS)
        .environment("CONNECTOR_MLLP_ENABLED", "true")
        .environment("CONNECTOR_MLLP_ADDRESS", "127.0.0.1")
        .environment("CONNECTOR_MLLP_PORT", addresses.listener.to_string())
        .environment("CONNECTOR_RETRY_DELAY_MAXIMUM", "2")
        .environment("LOG_LEVEL", "DEBUG")
        .environment("RUST_BACKTRACE", "1")
}

/// The reader. `programs`: directory with the daemons' programs.
pub(crate) fn reader(programs: &Path, names: &Names, addresses: Addresses) -> Builder {
    let builder = Daemon::build(programs.join("ids-reader")).argument("run");
    common(builder, names, addresses.progress, addresses.publish)
        .environment("IDS_JDBC_URL", jdbc(addresses.store, names.store))
        .environment("IDS_USERNAME", DAEMON)
        .environment("IDS_PASSWORD", PASSWORD)
        .environment("IDS_SCHEMA", IDS)
        .environment("IDS_READER_POLL_SECONDS", "0.2")
        .environment("IDS_READER_SAVE_SECONDS", "0.2")
        .environment("IDS_READER_BLOCK_ROWS", "50")
        .environment("IDS_READER_BATCH_ROWS", "10")
        .environment("RABBITMQ_MAX_INTRANSIT", "200")
}

/// Core.
pub(crate) fn core(programs: &Path, names: &Names, addresses: Addresses) -> Builder {
    let builder = Daemon::build(programs.join("core")).argument("run");
    common(builder, names, addresses.star, addresses.consume)
        .environment("CORE_BATCH_MAX_MESSAGES", "50")
        .environment("CORE_PARTITIONS", names.partitions.to_string())
}

/// The star database, for every program of ours that uses it.
pub(crate) fn of_star(port: u16, database: &str) -> [(&'static str, String); 4] {
    [
        ("UDS_JDBC_URL", jdbc(port, database)),
        ("UDS_USERNAME", DAEMON.to_owned()),
        ("UDS_PASSWORD", PASSWORD.to_owned()),
        ("UDS_SCHEMA", STAR.to_owned()),
    ]
}

/// A server that does not answer for five seconds counts as lost.
fn jdbc(port: u16, database: &str) -> String {
    format!("jdbc:postgresql://127.0.0.1:{port}/{database}?socketTimeout=5")
}

/// What the reader and core have in common. `star` and `broker`: ports.
fn common(builder: Builder, names: &Names, star: u16, broker: u16) -> Builder {
    let settings = of_star(star, names.star).into_iter();
    settings
        .fold(builder, |builder, (name, value)| builder.environment(name, value))
        .environment("SPRING_RABBITMQ_HOST", "127.0.0.1")
        .environment("SPRING_RABBITMQ_PORT", broker.to_string())
        .environment("SPRING_RABBITMQ_USERNAME", rabbitmq::USER)
        .environment("SPRING_RABBITMQ_PASSWORD", rabbitmq::PASSWORD)
        .environment("SPRING_RABBITMQ_VIRTUAL_HOST", &names.virtual_host)
        .environment("RABBITMQ_SILENCE_SECONDS", "5")
        .environment("DATABASE_RETRY_DELAY_MAXIMUM", "2")
        .environment("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", "DEBUG")
        .environment("RUST_BACKTRACE", "1")
        .environment("TZ", "Europe/London")
}
