//! `core run` as a process: SIGTERM ends it, whatever it waits for.

use std::{
    net::TcpListener,
    path::PathBuf,
    time::{Duration, Instant},
};

use emap_interchange::queues::HL7_QUEUE;
use emap_local_services::rabbitmq;
use emap_test_support::{
    database::{self, Database},
    faults::{
        plan::Action,
        postgres::{Fault, Filter, Kind, Proxy},
        process::{Builder, Daemon},
        server::postgres,
    },
    messages::admit,
};

use super::{PATIENCE, admissions, bodies, publish, publisher, transport};

/// What is promised for the default of `STOP_SECONDS`; here it is a second, so that most of it is left.
const PROMISED: Duration = Duration::from_secs(30);

struct Site {
    virtual_host: String,
    database: Database,
    proxy: Proxy,
    directory: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let virtual_host = rabbitmq::shared().fresh_virtual_host().unwrap();
        let server = ([127, 0, 0, 1], emap_local_services::postgres::shared().port());
        Self {
            virtual_host,
            database: database::fresh(),
            proxy: Proxy::start(server.into()).unwrap(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn core(&self) -> Builder {
        let broker = rabbitmq::shared();
        let url = format!("jdbc:postgresql://127.0.0.1:{}/{}", self.proxy.port(), self.database.name());
        Daemon::build(env!("CARGO_BIN_EXE_core"))
            .argument("run")
            .environment("UDS_JDBC_URL", url)
            .environment("UDS_USERNAME", emap_local_services::postgres::USER)
            .environment("UDS_SCHEMA", self.database.schema())
            .environment("SPRING_RABBITMQ_HOST", broker.host())
            .environment("SPRING_RABBITMQ_PORT", broker.port().to_string())
            .environment("SPRING_RABBITMQ_USERNAME", rabbitmq::USER)
            .environment("SPRING_RABBITMQ_PASSWORD", rabbitmq::PASSWORD)
            .environment("SPRING_RABBITMQ_VIRTUAL_HOST", &self.virtual_host)
            .environment("STOP_SECONDS", "1")
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("core.log")
    }

    fn start(&self) -> Daemon {
        self.core().spawn(self.log()).unwrap()
    }

    async fn publish(&self, name: &str, messages: Vec<Vec<u8>>) {
        let transport = transport(rabbitmq::shared(), &self.virtual_host);
        let publisher = publisher(&transport, HL7_QUEUE);
        publish(&publisher, name, messages).await;
        publisher.drain().await;
    }

    /// SIGTERM, and an end in time with exit code 0.
    fn stops(&self, mut core: Daemon) {
        core.terminate();
        let status = core.wait(PROMISED);
        let log = std::fs::read_to_string(self.log()).unwrap();
        assert_eq!(status.and_then(|status| status.code()), Some(0), "{log}");
        assert!(!log.contains("panicked"), "{log}");
    }
}

fn until(condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "nothing happens");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_in_the_way() {
    let site = Site::new();
    let mut core = site.start();
    assert!(core.wait_until_ready(PATIENCE));
    let without_visit = admit("M0", "", "W1^R^B", "2031-03-02T08:15:00Z");
    let source_id = without_visit.source_message_id.clone().unwrap();
    site.publish("all", bodies([without_visit])).await;
    until(|| site.database.value("SELECT count(*) FROM etl_message_reject") == "1");
    site.stops(core);
    let log = std::fs::read_to_string(site.log()).unwrap();
    let line = log.lines().find(|line| line.contains("message not applied")).unwrap();
    assert!(line.contains(&format!("source_id={source_id:?}")), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_database_that_does_not_answer() {
    for (kind, action) in [(Kind::CopyData, Action::Silence), (Kind::Query, Action::StallAll)] {
        let site = Site::new();
        let mut core = site.start();
        assert!(core.wait_until_ready(PATIENCE));
        site.proxy.arm(Fault::at_client(kind, action));
        site.publish("all", admissions(0, 10)).await;
        until(|| !site.proxy.seen().is_empty());
        site.stops(core);
        assert_eq!(site.database.value("SELECT count(*) FROM etl_per_message_logging"), "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_locked_table() {
    let site = Site::new();
    let mut core = site.start();
    assert!(core.wait_until_ready(PATIENCE));
    let locked =
        postgres::Database::new(&site.database.url(), site.database.name()).locked("star.hospital_visit");
    site.publish("all", admissions(0, 10)).await;
    let waiting = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    until(|| site.database.value(waiting) == "true");
    site.stops(core);
    locked.end();
}

#[test]
fn while_it_connects_to_a_database_that_does_not_answer() {
    for filter in
        [Filter::kind(Kind::Startup), Filter::statement("SET TIME ZONE"), Filter::statement("SELECT")]
    {
        let site = Site::new();
        site.proxy.arm(Fault::at_client(filter, Action::Silence));
        let core = site.start();
        until(|| !site.proxy.seen().is_empty());
        site.stops(core);
    }
}

#[test]
fn while_it_waits_for_a_broker_that_does_not_answer() {
    let site = Site::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let core = site.core().environment("SPRING_RABBITMQ_PORT", port.to_string()).spawn(site.log()).unwrap();
    let _connection = silent.accept().unwrap();
    site.stops(core);
}
