//! How the daemons are configured: small batches, short pauses, all logs.

use std::path::Path;

use emap_local_services::rabbitmq;
use emap_test_support::faults::process::{Builder, Daemon};

use crate::{
    roles::{DAEMON, PASSWORD},
    servers::{IDS, Names, STAR},
};

/// Ports of this machine that the daemons connect to: of servers, or of the proxies in front of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
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

/// The reader. `programs`: directory with the daemons' programs.
pub(crate) fn reader(programs: &Path, names: &Names, addresses: Addresses) -> Builder {
    let builder = Daemon::build(programs.join("ids-reader")).argument("run");
    common(database(builder, "UDS", addresses.progress, names.star, STAR), names, addresses.publish)
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
    common(database(builder, "UDS", addresses.star, names.star, STAR), names, addresses.consume)
        .environment("CORE_BATCH_MAX_MESSAGES", "50")
}

fn database(builder: Builder, prefix: &str, port: u16, name: &str, schema: &str) -> Builder {
    builder
        .environment(format!("{prefix}_JDBC_URL"), jdbc(port, name))
        .environment(format!("{prefix}_USERNAME"), DAEMON)
        .environment(format!("{prefix}_PASSWORD"), PASSWORD)
        .environment(format!("{prefix}_SCHEMA"), schema)
}

/// A server that does not answer for five seconds counts as lost.
fn jdbc(port: u16, database: &str) -> String {
    format!("jdbc:postgresql://127.0.0.1:{port}/{database}?socketTimeout=5")
}

fn common(builder: Builder, names: &Names, broker: u16) -> Builder {
    builder
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
