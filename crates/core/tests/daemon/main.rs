//! `core::run` between real RabbitMQ and real PostgreSQL, faults of both included.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod commits;
mod partitions;
mod replay;
mod schema;
mod stopping;
mod unwilling;
mod waiting;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use emap_core::{CoreSettings, Phase, Tally};
use emap_interchange::{
    Message,
    queues::{DATABASE_EXTRACTS, HL7_QUEUE},
};
use emap_local_services::{postgres, rabbitmq};
use emap_queue::{Batch, BrokerConfig, Outgoing, Publisher, PublisherSettings, Transport};
use emap_service::{CancellationToken, DatabaseSettings, Health, Runtime};
use emap_test_support::{
    database::{self, Database},
    faults::postgres::Proxy,
    messages::{admit, transfer},
};

/// Long enough for a broker that has to start; a test that waits longer has lost something.
const PATIENCE: Duration = Duration::from_secs(180);

/// A core that runs in the background.
struct Running {
    cancel: CancellationToken,
    settled: Arc<AtomicU64>,
    health: Health,
    task: tokio::task::JoinHandle<Tally>,
}

impl Running {
    fn start(url: &str, transport: Transport) -> Self {
        Self::start_with(url, transport, |_| ())
    }

    fn start_with(url: &str, transport: Transport, change: impl FnOnce(&mut CoreSettings)) -> Self {
        let mut settings = CoreSettings::for_database(DatabaseSettings::from_url(url, "star").unwrap());
        change(&mut settings);
        Self::with(settings, transport)
    }

    fn with(mut settings: CoreSettings, transport: Transport) -> Self {
        settings.batch_max_messages = 50;
        let (runtime, settled) = (Runtime::new(transport), Arc::new(AtomicU64::new(0)));
        let (cancel, health, count) = (runtime.cancel.clone(), runtime.health.clone(), Arc::clone(&settled));
        let task = tokio::spawn(async move {
            let progress = move |tally: Tally| count.store(tally.messages, Ordering::Relaxed);
            emap_core::run(settings, runtime, progress).await.unwrap()
        });
        Self { cancel, settled, health, task }
    }

    async fn until_settled(&self, messages: u64) {
        self.until(|| self.settled.load(Ordering::Relaxed) >= messages).await;
    }

    /// Ready; without any component, it has not begun.
    async fn until_ready(&self) {
        self.until(|| !self.health.snapshot().is_empty() && self.health.is_ready()).await;
    }

    async fn until(&self, condition: impl Fn() -> bool) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while !condition() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let settled = self.settled.load(Ordering::Relaxed);
        assert!(waited.await.is_ok(), "settled {settled} so far; {:?}", self.health.snapshot());
    }

    async fn stop(self) -> Tally {
        self.cancel.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("the daemon drains and ends").unwrap()
    }
}

/// The URL of a database behind a proxy; `options` as they stand in a URL, with the `?`.
fn proxied(database: &Database, options: &str) -> (String, Proxy) {
    let proxy = Proxy::start(([127, 0, 0, 1], postgres::shared().port()).into()).unwrap();
    let name = database.name();
    (format!("postgresql://{}@127.0.0.1:{}/{name}{options}", postgres::USER, proxy.port()), proxy)
}

fn transport(server: &rabbitmq::Server, virtual_host: &str) -> Transport {
    Transport::Amqp(BrokerConfig {
        host: server.host().to_owned(),
        port: server.port(),
        username: rabbitmq::USER.to_owned(),
        password: rabbitmq::PASSWORD.to_owned(),
        virtual_host: virtual_host.to_owned(),
        ..BrokerConfig::default()
    })
}

fn publisher(transport: &Transport, queue: &str) -> Publisher {
    let settings = PublisherSettings { queue: queue.to_owned(), ..PublisherSettings::default() };
    Publisher::start(transport.clone(), settings)
}

async fn publish(publisher: &Publisher, name: &str, bodies: Vec<Vec<u8>>) {
    let outgoing = |(number, body)| Outgoing {
        correlation_id: format!("{name}-{number}"),
        type_name: "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient",
        body,
    };
    let messages = bodies.into_iter().enumerate().map(outgoing).collect();
    let batch = Batch { id: name.to_owned(), messages, on_confirmed: Box::new(|_| ()) };
    publisher.submit(batch).await.unwrap();
}

fn bodies(messages: impl IntoIterator<Item = Message>) -> Vec<Vec<u8>> {
    messages.into_iter().map(|message| message.to_json()).collect()
}

/// `count` patients are admitted, each at an own time.
fn admissions(from: u64, count: u64) -> Vec<Vec<u8>> {
    bodies((from..from + count).map(|n| {
        admit(&format!("M{n}"), &format!("V{n}"), &format!("W{}^R^B", n % 5), "2031-03-02T08:15:00Z")
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_become_rows_and_rejects_and_leave_the_queue() {
    let server = rabbitmq::shared();
    let transport = transport(server, &server.fresh_virtual_host().unwrap());
    let database = database::fresh();
    let publisher = publisher(&transport, HL7_QUEUE);
    let mut sent = admissions(0, 120);
    sent.push(b"no message at all".to_vec());
    sent.extend(bodies([admit("M0", "", "W1^R^B", "2031-03-02T08:15:00Z")]));
    sent.extend(bodies([transfer("M1", "V1", "W9^R^B", "2031-03-02T09:15:00Z")]));
    publish(&publisher, "first", sent).await;
    publisher.drain().await;

    let core = Running::start(&database.url(), transport.clone());
    core.until_settled(123).await;
    core.until_ready().await;
    let tally = core.stop().await;
    assert_eq!((tally.messages, tally.errors, tally.ignored), (123, 2, 0));
    for phase in Phase::ALL {
        assert!(!tally.times.of(phase).is_zero(), "{}", phase.as_str());
    }
    assert_eq!(database.value("SELECT count(*) FROM hospital_visit"), "120");
    assert_eq!(database.value("SELECT count(*) FROM location_visit"), "121");
    assert_eq!(database.value("SELECT count(*) FROM etl_per_message_logging"), "122");
    assert_eq!(
        database.rows("SELECT queue, source_id IS NULL AS unread FROM etl_message_reject ORDER BY 2"),
        ["hl7Queue|false", "hl7Queue|true"]
    );

    // Nothing was left behind or put back.
    let again = Running::start(&database.url(), transport);
    again.until_ready().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(again.stop().await.messages, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preferred_queue_goes_first() {
    let server = rabbitmq::shared();
    let transport = transport(server, &server.fresh_virtual_host().unwrap());
    let database = database::fresh();
    for (queue, first) in [(DATABASE_EXTRACTS, 1000), (HL7_QUEUE, 0)] {
        let publisher = publisher(&transport, queue);
        publish(&publisher, queue, admissions(first, 300)).await;
        publisher.drain().await;
    }
    let core = Running::start(&database.url(), transport);
    core.until_settled(600).await;
    core.stop().await;
    let order =
        database.rows("SELECT source_id LIKE 'V1___-%' AS extract FROM etl_per_message_logging ORDER BY id");
    let mut live = order.iter().enumerate().filter(|(_, extract)| *extract == "false");
    let (place, _) = live.nth(249).unwrap();
    // Each queue has a connection of its own. Two batches may be on their way before the other queue's messages arrive,
    // and one more may slip in between; taken in turn, it would be five.
    assert!(place - 249 <= 150, "{} of the extracts before 250 live messages", place - 249);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_restarts_loses_nothing() {
    let server = rabbitmq::Server::start(rabbitmq::Options::default()).unwrap();
    let transport = transport(&server, "/");
    let database = database::fresh();
    let publisher = publisher(&transport, HL7_QUEUE);
    publish(&publisher, "before", admissions(0, 400)).await;
    publisher.drain().await;
    let core = Running::start(&database.url(), transport);
    core.until_settled(50).await;
    tokio::task::block_in_place(|| {
        server.crash().unwrap();
        server.start_again().unwrap();
    });
    publish(&publisher, "after", admissions(400, 100)).await;
    publisher.drain().await;
    core.until(|| database.value("SELECT count(*) FROM hospital_visit") == "500").await;
    core.until_ready().await;
    core.stop().await;
    assert_eq!(database.value("SELECT count(*) FROM location_visit"), "500");
    assert_eq!(
        database.value("SELECT count(*) FROM location_visit_audit"),
        "0",
        "a redelivery changes nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_loses_nothing() {
    let server = rabbitmq::shared();
    let transport = transport(server, &server.fresh_virtual_host().unwrap());
    let store = postgres::Server::start(postgres::Options::default()).unwrap();
    store.create_database("uds").unwrap();
    let publisher = publisher(&transport, HL7_QUEUE);
    publish(&publisher, "before", admissions(0, 400)).await;
    publisher.drain().await;
    let core = Running::start(&store.database_url("uds"), transport);
    core.until_settled(50).await;
    tokio::task::block_in_place(|| store.crash().unwrap());
    publish(&publisher, "after", admissions(400, 100)).await;
    publisher.drain().await;
    core.until(|| !core.health.is_ready()).await;
    tokio::task::block_in_place(|| store.start_again().unwrap());
    core.until_settled(500).await;
    core.stop().await;
    let count = |table| store.query("uds", &format!("SELECT count(*) FROM star.{table}")).unwrap();
    assert_eq!(count("hospital_visit"), "500");
    assert_eq!(count("location_visit"), "500");
    assert_eq!(count("etl_message_reject"), "0", "a lost database is no fault of a message");
}
