//! The reader as a process, with a virtual host of its own at the broker.

use std::path::Path;

use emap_local_services::rabbitmq;
use emap_queue::{BrokerConfig, Transport};
use emap_test_support::faults::process::{Builder, Daemon};

use crate::site::Site;

/// What the programs of one test share.
pub(crate) struct Processes {
    pub(crate) virtual_host: String,
    pub(crate) logs: tempfile::TempDir,
}

impl Processes {
    pub(crate) fn new() -> Self {
        let virtual_host = rabbitmq::shared().fresh_virtual_host().unwrap();
        Self { virtual_host, logs: tempfile::tempdir().unwrap() }
    }

    /// `ids-reader run` for this site.
    pub(crate) fn reader(&self, site: &Site) -> Builder {
        let server = rabbitmq::shared();
        Daemon::build(env!("CARGO_BIN_EXE_ids-reader"))
            .argument("run")
            .environment("IDS_JDBC_URL", format!("jdbc:{}", site.url))
            .environment("IDS_SCHEMA", "ids")
            .environment("UDS_JDBC_URL", format!("jdbc:{}", site.url))
            .environment("UDS_SCHEMA", "star")
            .environment("SPRING_RABBITMQ_HOST", server.host())
            .environment("SPRING_RABBITMQ_PORT", server.port().to_string())
            .environment("SPRING_RABBITMQ_VIRTUAL_HOST", &self.virtual_host)
            .environment("IDS_READER_POLL_SECONDS", "0.02")
            .environment("IDS_READER_SAVE_SECONDS", "0.05")
    }

    /// Starts it; `name` names its log.
    pub(crate) fn start(&self, builder: &Builder, name: &str) -> Daemon {
        builder.spawn(self.logs.path().join(name)).unwrap()
    }

    pub(crate) fn log(&self, name: &str) -> String {
        read(&self.logs.path().join(name))
    }

    /// The broker as a test sees it.
    pub(crate) fn broker(&self) -> Transport {
        let server = rabbitmq::shared();
        Transport::Amqp(BrokerConfig {
            host: server.host().to_owned(),
            port: server.port(),
            virtual_host: self.virtual_host.clone(),
            ..BrokerConfig::default()
        })
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
