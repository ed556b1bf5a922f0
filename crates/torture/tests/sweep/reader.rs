//! The reader between the message store, its progress tables and the broker.

use std::{
    collections::BTreeSet,
    thread::sleep,
    time::{Duration, Instant},
};

use emap_ids::{IdsStore, NewRow};
use emap_ids_reader::{ReaderSettings, message_id, run::run};
use emap_interchange::queues::HL7_QUEUE;
use emap_local_services::{postgres::shared as postgres_server, rabbitmq};
use emap_service::{Backoff, CancellationToken, Health, Runtime};
use emap_test_support::{
    database::{self, Database},
    faults::{
        amqp::{self, ReplyCode},
        ledger::queues::bodies,
        postgres::{self, SqlState},
    },
};

use crate::{
    positions::{SILENCE, Try},
    world::{self, PATIENCE, PAUSES, World, sweep},
};

const POLL: Duration = Duration::from_millis(10);
/// Rows of a batch: a message each, but for the last, which is none.
const ROWS: i64 = 3;

struct ReaderWorld {
    store: Database,
    star: Database,
    to_store: postgres::Proxy,
    to_progress: postgres::Proxy,
    to_broker: amqp::Proxy,
    virtual_host: String,
    runtime: tokio::runtime::Runtime,
    cancel: CancellationToken,
    health: Health,
    reader: tokio::task::JoinHandle<()>,
    rows: i64,
}

impl ReaderWorld {
    fn start() -> Self {
        let (store, star) = (database::empty(), database::fresh());
        emap_ids::migrate(&store.url(), "ids").unwrap();
        let broker = rabbitmq::shared();
        let virtual_host = broker.fresh_virtual_host().unwrap();
        let server = ([127, 0, 0, 1], postgres_server().port()).into();
        let to_store = postgres::Proxy::start(server).unwrap();
        let to_progress = postgres::Proxy::start(server).unwrap();
        let to_broker = amqp::Proxy::start(([127, 0, 0, 1], broker.port()).into()).unwrap();
        let url = |port: u16, name: &str| {
            format!("jdbc:postgresql://127.0.0.1:{port}/{name}?user=emap&socketTimeout={}", SILENCE.as_secs())
        };
        let (ids, uds) = (url(to_store.port(), store.name()), url(to_progress.port(), star.name()));
        let mut settings = ReaderSettings::between((&ids, "ids"), (&uds, star.schema())).unwrap();
        settings.poll = Duration::from_millis(50);
        settings.save_interval = Duration::from_millis(50);
        settings.pauses = Backoff::new(PAUSES, PAUSES);
        settings.start_limit = PATIENCE;
        let transport = world::broker(to_broker.port(), &virtual_host, 2 * SILENCE);
        let runtime = world::runtime();
        let entered = runtime.enter();
        let daemon = Runtime::new(transport);
        let (cancel, health) = (daemon.cancel.clone(), daemon.health.clone());
        let reader = runtime.spawn(async move {
            run(settings, daemon, |_| ()).await.unwrap();
        });
        drop(entered);
        Self {
            store,
            star,
            to_store,
            to_progress,
            to_broker,
            virtual_host,
            runtime,
            cancel,
            health,
            reader,
            rows: 0,
        }
    }

    fn is_passed(&self) -> bool {
        // The table comes with the reader's first start.
        let is_there = "SELECT to_regclass('etl_ids_progress') IS NOT NULL";
        let position = "SELECT max(last_processed_ids_unid) FROM etl_ids_progress";
        self.star.value(is_there) == "true" && self.star.value(position) == self.rows.to_string()
    }

    /// Every message is on the queue, and the rows that are none are rejects, once each, and no others.
    fn check(&self) {
        let url = rabbitmq::shared().url(&self.virtual_host);
        let queued = self.runtime.block_on(bodies(&url, HL7_QUEUE)).unwrap();
        let id = |body: &Vec<u8>| {
            let start = b"\"sourceMessageId\":\"";
            let at = body.windows(start.len()).position(|part| part == start).unwrap() + start.len();
            String::from_utf8(body[at..].iter().copied().take_while(|byte| *byte != b'"').collect()).unwrap()
        };
        let queued: BTreeSet<String> = queued.iter().map(id).collect();
        let wanted: BTreeSet<String> =
            (1..=self.rows).filter(|unid| unid % ROWS != 0).map(message_id).collect();
        assert_eq!(queued, wanted);
        let rejected = self.star.rows("SELECT unid FROM etl_ids_reject ORDER BY unid");
        let wanted: Vec<String> =
            (1..=self.rows).filter(|unid| unid % ROWS == 0).map(|unid| unid.to_string()).collect();
        assert_eq!(rejected, wanted);
    }
}

impl World for ReaderWorld {
    /// Stores a batch of rows, and waits until the reader has passed them.
    fn batch(&mut self, about: &str) {
        let rows: Vec<NewRow> = (1..=ROWS).map(|place| row(self.rows + place, place == ROWS)).collect();
        IdsStore::connect(&self.store.url(), "ids").unwrap().append_batch(&rows).unwrap();
        self.rows += ROWS;
        let begin = Instant::now();
        while !self.is_passed() {
            assert!(begin.elapsed() < PATIENCE, "stuck at {about}: {:?}", self.health.snapshot());
            sleep(POLL);
        }
    }

    fn stop(self) {
        self.cancel.cancel();
        self.runtime.block_on(self.reader).unwrap();
        self.runtime.shutdown_background();
    }
}

fn row(number: i64, is_bad: bool) -> NewRow {
    let text = if is_bad {
        "no message".to_owned()
    } else {
        format!(
            "MSH|^~\\&|EPIC|TESTHOSP|||20310302083000||ADT^A01|{number}|T|2.5\r\
             EVN|A01|20310302083000||||20310302082500\r\
             PID|1||M{number}^^^HOSP^MRN||TEAPOT^Clara||19610904|F\r\
             PV1|1|I|W1^R2^B3||||||||||||||||V{number}|||||||||||||||||||||||||20310302082500\r"
        )
    };
    let at = Some("2031-03-02T08:30:00Z".parse().unwrap());
    NewRow { hl7_message: Some(text), message_datetime: at, persist_datetime: at, ..NewRow::default() }
}

/// Sweeps the conversation with a database, over the proxy that leads to it.
fn with_database(what: &str, proxy: impl Fn(&ReaderWorld) -> &postgres::Proxy + Sync) {
    let plan = |one: Try| one.plan(postgres::Filter::any(), SqlState::DISK_FULL);
    sweep(what, ReaderWorld::start, proxy, plan, ReaderWorld::check);
}

#[test]
fn the_readers_conversation_with_the_store() {
    with_database("the reader with the message store", |world| &world.to_store);
}

#[test]
fn the_readers_conversation_with_its_progress() {
    with_database("the reader with its progress tables", |world| &world.to_progress);
}

#[test]
fn the_readers_conversation_with_the_broker() {
    sweep(
        "the reader with RabbitMQ",
        ReaderWorld::start,
        |world| &world.to_broker,
        |one| one.plan(amqp::Filter::any(), ReplyCode::INTERNAL_ERROR),
        ReaderWorld::check,
    );
}
