//! The private servers of a run.

use std::{path::Path, time::Duration};

use anyhow::Context;
use diesel::PgConnection;
use emap_interchange::queues::{DATABASE_EXTRACTS, EXTENSION_PROJECTS};
use emap_local_services::{postgres, rabbitmq};
use emap_test_support::faults::server::{
    SmallDisk,
    postgres::{Database, connect_with},
    rabbitmq::consumer_timeout,
};

use crate::{databases::Databases, outbox, output::line, roles};

/// Schema of the message store.
pub(crate) const IDS: &str = "ids";
/// Schema of the star and of the reader's progress.
pub(crate) const STAR: &str = "star";

/// Time after which the broker takes deliveries back that are not settled.
pub(crate) const CONSUMER_TIMEOUT: Duration = Duration::from_secs(8);
/// Room for the tables that run out of it, in megabytes.
const SMALL_DISK: u32 = 64;
/// Tables whose disk can be full.
const ON_SMALL_DISK: [&str; 2] = ["star.etl_per_message_logging", "star.visit_observation"];

/// Where one pipeline has its data.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) databases: Databases,
    /// The connector's own database, on the server of the message store; it may be that of the message store.
    pub(crate) connector: &'static str,
    /// Database of the message store.
    pub(crate) store: &'static str,
    /// Database of the star.
    pub(crate) star: &'static str,
    pub(crate) virtual_host: String,
    /// Among which core divides the messages; 0 for none.
    pub(crate) partitions: u16,
}

/// Two PostgreSQL servers and a broker. Fields are dropped in this order: the disk before the server that uses it.
pub(crate) struct Servers {
    disk: Option<SmallDisk>,
    pub(crate) store: postgres::Server,
    pub(crate) star: postgres::Server,
    pub(crate) broker: rabbitmq::Server,
}

impl Servers {
    /// Starts them; what they keep goes below the directory, if there is one.
    ///
    /// # Errors
    /// A server is not installed or does not start.
    pub(crate) fn start(keep: Option<&Path>) -> anyhow::Result<Self> {
        let below = |name: &str| keep.map(|dir| dir.join(name));
        let postgres = |name: &str| {
            let options = postgres::Options { data_dir: below(name), ..postgres::Options::default() };
            postgres::Server::start(options).with_context(|| format!("the server of the {name}"))
        };
        let configuration = "heartbeat = 10\n".to_owned();
        let options = rabbitmq::Options { data_dir: below("broker"), configuration, bare: false };
        let servers = Self {
            disk: None,
            store: postgres("store")?,
            star: postgres("star")?,
            broker: rabbitmq::Server::start(options)?,
        };
        servers.limit_deliveries();
        roles::create(&servers.store)?;
        roles::create(&servers.star)?;
        Ok(servers)
    }

    /// The broker takes deliveries back that are not settled in time; to the end of the broker's process.
    pub(crate) fn limit_deliveries(&self) {
        consumer_timeout(&self.broker, CONSUMER_TIMEOUT);
    }

    /// Makes databases for a pipeline: a message store without rows, and empty ones for the connector and the star.
    ///
    /// # Errors
    /// A server's answer.
    pub(crate) fn create(&self, names: &Names) -> anyhow::Result<()> {
        self.store.create_database(names.store)?;
        emap_ids::migrate(&self.store.database_url(names.store), IDS)?;
        self.store.query(names.store, &roles::rights_on_store())?;
        self.star.create_database(names.star)?;
        self.star.query(names.star, &roles::owns(roles::DAEMON, names.star))?;
        if names.databases == Databases::Two {
            self.store.create_database(names.connector)?;
        }
        self.store.query(names.connector, &roles::owns(roles::CONNECTOR, names.connector))?;
        // Core listens to these as well; nobody sends to them.
        for queue in [DATABASE_EXTRACTS, EXTENSION_PROJECTS] {
            self.broker.evaluate(&format!(
                "rabbit_amqqueue:declare(rabbit_misc:r(<<\"{}\">>, queue, <<\"{queue}\">>), true, false, [], none, \
                 <<\"emap\">>).",
                names.virtual_host
            ))?;
        }
        outbox::listen(&self.broker.url(&names.virtual_host))
    }

    /// Moves tables of the star to a small disk, if this machine lets us mount one.
    pub(crate) fn mount_small_disk(&mut self, names: &Names) {
        let database = self.star_faults(names);
        match SmallDisk::mount(&self.star, database, SMALL_DISK) {
            Ok(mut disk) => {
                for table in ON_SMALL_DISK {
                    disk.take(table);
                }
                self.disk = Some(disk);
            }
            Err(error) => line(format_args!("no small disk ({error}): a trigger refuses instead")),
        }
    }

    /// The small disk, if there is one.
    pub(crate) fn disk(&self) -> Option<&SmallDisk> {
        self.disk.as_ref()
    }

    /// What faults are done to.
    pub(crate) fn store_faults(&self, names: &Names) -> Database {
        Database::new(&self.store.database_url(names.store), names.store)
    }

    /// What faults are done to.
    pub(crate) fn star_faults(&self, names: &Names) -> Database {
        Database::new(&self.star.database_url(names.star), names.star)
    }
}

/// A superuser's connection, past all proxies, that waits for no lock and no answer for long.
///
/// # Errors
/// The server's answer.
pub(crate) fn connect(server: &postgres::Server, database: &str) -> anyhow::Result<PgConnection> {
    let settings =
        [("default_transaction_read_only", "off"), ("statement_timeout", "60s"), ("lock_timeout", "1s")];
    Ok(connect_with(&server.database_url(database), &settings)?)
}
