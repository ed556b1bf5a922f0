//! Several cores that divide messages by patient: each patient's messages are processed in order, whatever happens to
//! cores, sessions and connections.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use emap_interchange::{
    Message,
    queues::{self, DATABASE_EXTRACTS, HL7_QUEUE},
};
use emap_local_services::rabbitmq;
use emap_queue::{Publisher, Transport};
use emap_service::health::State;
use emap_test_support::{
    database::{self, Database},
    faults::{
        amqp,
        server::rabbitmq::{close_connections, queue_length},
    },
    messages::{admit, transfer},
};

use super::{PATIENCE, Running, bodies, publish, publisher, transport};

const PARTITIONS: u8 = 8;
const PATIENTS: usize = 40;
/// Locks on partitions that sessions of this database have, in `pg_locks`.
const HAS_PARTITIONS: &str = "locktype = 'advisory' AND mode = 'ExclusiveLock' AND database = \
                              (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A broker's virtual host, a database, and cores between them.
struct Site {
    server: &'static rabbitmq::Server,
    virtual_host: String,
    transport: Transport,
    database: Database,
}

impl Site {
    fn new() -> Self {
        let server = rabbitmq::shared();
        let virtual_host = server.fresh_virtual_host().unwrap();
        let transport = transport(server, &virtual_host);
        Self { server, virtual_host, transport, database: database::fresh() }
    }

    /// One whose broker can be stopped: nobody else uses it.
    fn with_a_broker_of_its_own() -> Self {
        let server = rabbitmq::Server::start(rabbitmq::Options::default()).unwrap();
        let server: &'static rabbitmq::Server = Box::leak(Box::new(server));
        let (virtual_host, transport) = ("/".to_owned(), transport(server, "/"));
        Self { server, virtual_host, transport, database: database::fresh() }
    }

    fn core(&self, partitions: u8) -> Running {
        self.core_at(&self.database.url(), partitions)
    }

    fn core_at(&self, url: &str, partitions: u8) -> Running {
        Running::start_with(url, self.transport.clone(), |settings| settings.partitions = partitions)
    }

    /// `messages` of each patient, one of each after the other.
    async fn publish(&self, publisher: &Publisher, name: &str, numbers: std::ops::Range<usize>) {
        let messages = numbers.flat_map(|number| (0..PATIENTS).map(move |patient| step(patient, number)));
        publish(publisher, name, bodies(messages)).await;
        publisher.drain().await;
    }

    async fn until_logged(&self, messages: usize) {
        self.until_counted("count(DISTINCT source_id) FROM etl_per_message_logging", messages).await;
    }

    /// Waits until so many cores have partitions.
    async fn until_shared_by(&self, cores: usize) {
        self.until_counted(&format!("count(DISTINCT pid) FROM pg_locks WHERE {HAS_PARTITIONS}"), cores).await;
    }

    /// `what`: a count, and where from.
    async fn until_counted(&self, what: &str, expected: usize) {
        let query = format!("SELECT {what}");
        let begin = Instant::now();
        while self.database.value(&query) != expected.to_string() {
            assert!(begin.elapsed() < PATIENCE, "{} of {expected}: {what}", self.database.value(&query));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The messages of each patient as they were processed, by their numbers.
    fn by_patient(&self) -> BTreeMap<String, Vec<usize>> {
        let log = self
            .database
            .rows("SELECT source_id FROM etl_per_message_logging ORDER BY processing_start_time, id");
        let mut by_patient = BTreeMap::<String, Vec<usize>>::new();
        for (patient, number) in log.iter().filter_map(|id| id.split_once('-')) {
            by_patient.entry(patient.to_owned()).or_default().push(number.parse().unwrap());
        }
        by_patient
    }

    /// Every patient's messages were processed in order. What was delivered again came with all that follows it.
    fn assert_in_order(&self, messages: usize) {
        let by_patient = self.by_patient();
        assert_eq!(by_patient.len(), PATIENTS);
        for (patient, numbers) in by_patient {
            assert_eq!((numbers.first(), numbers.last()), (Some(&0), Some(&(messages - 1))), "{patient}");
            for pair in numbers.windows(2) {
                assert!(pair[1] <= pair[0] + 1, "{patient}: {} after {}: {numbers:?}", pair[1], pair[0]);
            }
        }
    }

    /// The same, and nothing was processed twice.
    fn assert_once_and_in_order(&self, messages: usize) {
        for (patient, numbers) in self.by_patient() {
            assert_eq!(numbers, (0..messages).collect::<Vec<_>>(), "{patient}");
        }
        self.assert_in_order(messages);
    }
}

/// The first message of a patient is an admission, the others are transfers.
fn step(patient: usize, number: usize) -> Message {
    let (mrn, encounter) = (format!("M{patient}"), format!("V{patient}"));
    let (hours, minutes) = (8 + number / 60, number % 60);
    let time = format!("2031-03-02T{hours:02}:{minutes:02}:00Z");
    let place = format!("W{}^R^B", number % 7);
    let happened = if number == 0 { admit } else { transfer };
    Message {
        source_message_id: Some(format!("{patient}-{number}")),
        ..happened(&mrn, &encounter, &place, &time)
    }
}

fn is_up(core: &Running) -> bool {
    core.health.snapshot().get("partitions") == Some(&State::Up)
}

fn reason(core: &Running) -> String {
    match core.health.snapshot().get("partitions") {
        Some(State::Down(reason)) => reason.clone(),
        other => format!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_cores_process_the_messages_of_each_patient_once_and_in_order() {
    let site = Site::new();
    let publisher = publisher(&site.transport, HL7_QUEUE);
    site.publish(&publisher, "before", 0..20).await;
    let cores = [site.core(PARTITIONS), site.core(PARTITIONS), site.core(PARTITIONS)];
    for core in &cores {
        core.until_ready().await;
    }
    site.until_shared_by(cores.len()).await;
    site.publish(&publisher, "after", 20..40).await;
    site.until_logged(PATIENTS * 40).await;
    let mut shares = Vec::new();
    for core in cores {
        shares.push(core.stop().await.messages);
    }
    site.assert_once_and_in_order(40);
    assert_eq!(shares.iter().sum::<u64>(), PATIENTS as u64 * 40);
    assert!(shares.iter().all(|share| *share > 0), "{shares:?}");
    assert_eq!(site.database.value("SELECT count(*) FROM location_visit"), (PATIENTS * 40).to_string());
    assert_eq!(queue_length(site.server, &site.virtual_host, HL7_QUEUE), Some((0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_core_that_comes_gets_its_share_and_one_that_goes_leaves_it() {
    let site = Site::new();
    let publisher = publisher(&site.transport, HL7_QUEUE);
    let first = site.core(PARTITIONS);
    site.publish(&publisher, "alone", 0..30).await;
    site.until_at_least(PATIENTS * 5).await;
    let second = site.core(PARTITIONS);
    site.until_shared_by(2).await;
    site.publish(&publisher, "two", 30..60).await;
    second.until_settled(1).await;
    first.stop().await;
    site.publish(&publisher, "other", 60..70).await;
    site.until_logged(PATIENTS * 70).await;
    second.until_ready().await;
    second.stop().await;
    site.assert_in_order(70);
    let twice = "SELECT count(*) - count(DISTINCT source_id) FROM etl_per_message_logging";
    assert_eq!(site.database.value(twice), "0", "a core that ends in order leaves nothing half done");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_the_server_ends_cost_neither_messages_nor_their_order() {
    let site = Site::new();
    let publisher = publisher(&site.transport, HL7_QUEUE);
    site.publish(&publisher, "all", 0..100).await;
    let cores = [site.core(PARTITIONS), site.core(PARTITIONS)];
    for ended in 1..=4 {
        site.until_at_least(PATIENTS * 15 * ended).await;
        // Those with the locks, and whatever else is there of cores.
        site.database
            .execute(&format!("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {HAS_PARTITIONS}"));
    }
    site.until_logged(PATIENTS * 100).await;
    for core in cores {
        core.stop().await;
    }
    site.assert_in_order(100);
    assert_eq!(site.database.value("SELECT count(*) FROM location_visit"), (PATIENTS * 100).to_string());
    assert_eq!(site.database.value("SELECT count(*) FROM etl_message_reject"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_the_broker_ends_cost_neither_messages_nor_their_order() {
    let site = Site::with_a_broker_of_its_own();
    let server = site.server;
    let publisher = publisher(&site.transport, HL7_QUEUE);
    site.publish(&publisher, "all", 0..80).await;
    let cores = [site.core(PARTITIONS), site.core(PARTITIONS)];
    for ended in 1..=3 {
        site.until_at_least(PATIENTS * 15 * ended).await;
        // The one that divides messages among them.
        tokio::task::block_in_place(|| close_connections(server));
    }
    site.until_at_least(PATIENTS * 60).await;
    tokio::task::block_in_place(|| {
        server.crash().unwrap();
        server.start_again().unwrap();
    });
    site.until_logged(PATIENTS * 80).await;
    for core in &cores {
        core.until_ready().await;
    }
    for core in cores {
        core.stop().await;
    }
    site.assert_in_order(80);
    assert_eq!(site.database.value("SELECT count(*) FROM location_visit"), (PATIENTS * 80).to_string());
}

/// The core that divides messages can be cut off alone, and another one does it then.
#[tokio::test(flavor = "multi_thread")]
async fn another_core_divides_messages_when_the_first_is_cut_off() {
    let site = Site::new();
    let proxy = amqp::Proxy::start(([127, 0, 0, 1], site.server.port()).into()).unwrap();
    let Transport::Amqp(config) = site.transport.clone() else { unreachable!() };
    let through = Transport::Amqp(emap_queue::BrokerConfig { port: proxy.port(), ..config });
    let publisher = publisher(&site.transport, HL7_QUEUE);
    site.publish(&publisher, "first", 0..20).await;
    let cut_off = Running::start_with(&site.database.url(), through, |settings| {
        settings.partitions = PARTITIONS;
    });
    site.until_at_least(PATIENTS).await;
    let other = site.core(PARTITIONS);
    other.until_ready().await;
    site.until_shared_by(2).await;
    proxy.hold();
    proxy.cut();
    site.publish(&publisher, "second", 20..40).await;
    // Those partitions that the first has are free when it gives up.
    site.until_logged(PATIENTS * 40).await;
    proxy.release();
    cut_off.stop().await;
    other.stop().await;
    site.assert_in_order(40);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_partitions_waits_for_what_was_divided_before() {
    let site = Site::new();
    let publisher = publisher(&site.transport, HL7_QUEUE);
    for (round, partitions) in [4, 8, 2].into_iter().enumerate() {
        let from = round * 20;
        let core = site.core(partitions);
        site.publish(&publisher, &partitions.to_string(), from..from + 20).await;
        // Some are left in partitions.
        site.until_at_least(PATIENTS * from + PATIENTS * 5).await;
        core.stop().await;
    }
    let last = site.core(2);
    site.until_logged(PATIENTS * 60).await;
    last.until_ready().await;
    last.stop().await;
    site.assert_in_order(60);
    assert_eq!(queue_length(site.server, &site.virtual_host, "core.partition.1"), Some((0, 0)));
    assert_eq!(queue_length(site.server, &site.virtual_host, "core.partition.2"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_partitions_what_is_left_in_them_comes_first() {
    let site = Site::new();
    let publisher = publisher(&site.transport, HL7_QUEUE);
    let divided = site.core(4);
    divided.until_ready().await;
    site.publish(&publisher, "divided", 0..40).await;
    site.until_at_least(PATIENTS * 5).await;
    divided.stop().await;
    let whole = site.core(0);
    site.publish(&publisher, "whole", 40..60).await;
    site.until_logged(PATIENTS * 60).await;
    whole.until_ready().await;
    whole.stop().await;
    site.assert_in_order(60);
    assert_eq!(queue_length(site.server, &site.virtual_host, "core.partition.0"), None);
}

/// One core after the other is started anew with another setting: nothing is processed the other way before the last
/// core of the former way has ended.
#[tokio::test(flavor = "multi_thread")]
async fn cores_of_two_settings_at_a_time_keep_the_order() {
    let site = Site::new();
    let publisher = publisher(&site.transport, HL7_QUEUE);
    let former = [site.core(4), site.core(4)];
    site.publish(&publisher, "former", 0..30).await;
    site.until_at_least(PATIENTS * 5).await;
    let [one, other] = former;
    one.stop().await;
    let new = site.core(6);
    site.publish(&publisher, "both", 30..50).await;
    site.until_at_least(PATIENTS * 20).await;
    other.stop().await;
    site.publish(&publisher, "new", 50..60).await;
    site.until_logged(PATIENTS * 60).await;
    new.until_ready().await;
    assert_eq!(queue_length(site.server, &site.virtual_host, "core.partition.5"), Some((0, 0)));
    new.stop().await;
    site.assert_in_order(60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_without_the_plugin_is_named_with_what_to_do() {
    let server = rabbitmq::Server::start(rabbitmq::Options { bare: true, ..rabbitmq::Options::default() });
    let server = server.unwrap();
    let transport = transport(&server, "/");
    let database = database::fresh();
    let publisher = publisher(&transport, HL7_QUEUE);
    publish(&publisher, "one", bodies([step(0, 0)])).await;
    publisher.drain().await;
    let core = Running::start_with(&database.url(), transport, |settings| settings.partitions = 2);
    core.until(|| reason(&core).contains("rabbitmq-plugins enable rabbitmq_consistent_hash_exchange")).await;
    assert!(!core.health.is_ready());
    assert_eq!(core.stop().await.messages, 0);
    assert_eq!(queue_length(&server, "/", HL7_QUEUE), Some((1, 0)), "the message is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_name_the_queue_that_a_message_was_sent_to() {
    let site = Site::new();
    for queue in [HL7_QUEUE, DATABASE_EXTRACTS] {
        let publisher = publisher(&site.transport, queue);
        publish(&publisher, queue, vec![b"no message at all".to_vec()]).await;
        publisher.drain().await;
    }
    let core = site.core(2);
    core.until_settled(2).await;
    core.until_ready().await;
    core.stop().await;
    let rejects = site.database.rows("SELECT queue, body FROM etl_message_reject ORDER BY queue");
    assert_eq!(rejects, ["databaseExtracts|no message at all", "hl7Queue|no message at all"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_made_later_is_divided_too() {
    let site = Site::new();
    let core = site.core(2);
    core.until_ready().await;
    let hl7 = publisher(&site.transport, HL7_QUEUE);
    publish(&hl7, "one", bodies([step(0, 0)])).await;
    core.until_settled(1).await;
    let extracts = publisher(&site.transport, DATABASE_EXTRACTS);
    publish(&extracts, "two", bodies([step(0, 1)])).await;
    core.until_settled(2).await;
    assert!(is_up(&core));
    core.stop().await;
}

/// A broker may put patients elsewhere after it was started again, while older messages of theirs wait.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_partitions_when_the_broker_is_started_again_comes_first() {
    let site = Site::with_a_broker_of_its_own();
    let server = site.server;
    let publisher = publisher(&site.transport, HL7_QUEUE);
    site.publish(&publisher, "before", 0..20).await;
    // A core that divides messages and processes none, as it has no database.
    let divider = site.core_at("postgresql://127.0.0.1:1/uds", PARTITIONS);
    let waiting = || {
        let queues = (0..PARTITIONS).map(queues::partition);
        queues.filter_map(|queue| queue_length(server, "/", &queue)).map(|(ready, _)| ready).sum::<u64>()
    };
    divider.until(|| waiting() == PATIENTS as u64 * 20).await;
    divider.stop().await;
    tokio::task::block_in_place(|| {
        server.stop().unwrap();
        server.start_again().unwrap();
    });
    site.publish(&publisher, "after", 20..40).await;
    let cores = [site.core(PARTITIONS), site.core(PARTITIONS)];
    site.until_logged(PATIENTS * 40).await;
    for core in cores {
        core.stop().await;
    }
    site.assert_once_and_in_order(40);
}

impl Site {
    async fn until_at_least(&self, messages: usize) {
        let query = "SELECT count(DISTINCT source_id) FROM etl_per_message_logging";
        let begin = Instant::now();
        while self.database.value(query).parse::<usize>().unwrap() < messages {
            assert!(begin.elapsed() < PATIENCE, "{} of {messages} messages", self.database.value(query));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
