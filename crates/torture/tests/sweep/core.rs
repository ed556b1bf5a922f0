//! Core between the broker and the star.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use emap_core::CoreSettings;
use emap_interchange::{Message, queues::HL7_QUEUE};
use emap_local_services::{postgres::shared as postgres_server, rabbitmq};
use emap_queue::{Batch, Outgoing, Publisher, PublisherSettings};
use emap_service::{Backoff, CancellationToken, DatabaseSettings, Health, Runtime};
use emap_test_support::{
    database::{self, Database},
    faults::{
        amqp::{self, ReplyCode},
        postgres::{self, SqlState},
    },
    messages::{admit, transfer},
};

use crate::{
    positions::SILENCE,
    world::{self, PATIENCE, PAUSES, World, sweep},
};

const POLL: Duration = Duration::from_millis(5);
/// Messages of a batch.
const MESSAGES: usize = 3;

struct CoreWorld {
    database: Database,
    to_star: postgres::Proxy,
    to_broker: amqp::Proxy,
    publisher: Publisher,
    runtime: tokio::runtime::Runtime,
    cancel: CancellationToken,
    health: Health,
    core: tokio::task::JoinHandle<()>,
    batches: u64,
}

impl CoreWorld {
    /// `silence`: how long the broker may be silent. Where it is left alone that is long, as on a busy machine it may be
    /// silent by itself, and what was settled then comes once more.
    fn start(silence: Duration) -> Self {
        let database = database::fresh();
        let broker = rabbitmq::shared();
        let virtual_host = broker.fresh_virtual_host().unwrap();
        let to_star = postgres::Proxy::start(([127, 0, 0, 1], postgres_server().port()).into()).unwrap();
        let to_broker = amqp::Proxy::start(([127, 0, 0, 1], broker.port()).into()).unwrap();
        let transport = |port| world::broker(port, &virtual_host, silence);
        let runtime = world::runtime();
        let entered = runtime.enter();
        let settings = PublisherSettings { queue: HL7_QUEUE.to_owned(), ..PublisherSettings::default() };
        let publisher = Publisher::start(transport(broker.port()), settings);
        let url = format!(
            "postgresql://emap@127.0.0.1:{}/{}?socketTimeout={}",
            to_star.port(),
            database.name(),
            SILENCE.as_secs()
        );
        let mut settings = CoreSettings::for_database(DatabaseSettings::from_url(&url, "star").unwrap());
        settings.queues = vec![HL7_QUEUE.to_owned()];
        settings.pauses = Backoff::new(PAUSES, PAUSES);
        let daemon = Runtime::new(transport(to_broker.port()));
        let (cancel, health) = (daemon.cancel.clone(), daemon.health.clone());
        let core = runtime.spawn(async move {
            emap_core::run(settings, daemon, |_| ()).await.unwrap();
        });
        drop(entered);
        Self { database, to_star, to_broker, publisher, runtime, cancel, health, core, batches: 0 }
    }

    fn publish(&mut self) {
        self.batches += 1;
        let number = self.batches;
        let (mrn, visit) = (format!("M{number}"), format!("V{number}"));
        let messages: [Message; MESSAGES] = [
            admit(&mrn, &visit, "W1^R^B1", "2031-03-02T08:15:00Z"),
            transfer(&mrn, &visit, "W2^R^B2", "2031-03-02T09:15:00Z"),
            // Without a visit: rejected.
            admit(&mrn, "", "W1^R^B1", "2031-03-02T10:15:00Z"),
        ];
        let outgoing = |(place, mut message): (usize, Message)| {
            message.source_message_id = Some(format!("{number}/{place}"));
            Outgoing {
                correlation_id: format!("{number}/{place}"),
                type_name: "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient",
                body: message.to_json(),
            }
        };
        let messages = messages.into_iter().enumerate().map(outgoing).collect();
        let batch = Batch { id: number.to_string(), messages, on_confirmed: Box::new(|_| ()) };
        self.runtime.block_on(self.publisher.submit(batch)).unwrap();
    }

    fn is_settled(&self, number: u64) -> bool {
        let logged = format!(
            "SELECT count(DISTINCT source_id) FROM etl_per_message_logging WHERE source_id LIKE '{number}/%'"
        );
        self.database.value(&logged) == MESSAGES.to_string()
    }

    fn sessions(&self) -> Vec<String> {
        self.database.rows("SELECT state, wait_event, left(query, 80) FROM pg_stat_activity WHERE datname = current_database()")
    }

    /// Every batch has its rows, once, and the reject that it deserves.
    fn check(&self, at_most_once: bool) {
        let count = |query: &str| self.database.value(query);
        let batches = self.batches.to_string();
        assert_eq!(count("SELECT count(*) FROM hospital_visit"), batches);
        assert_eq!(count("SELECT count(*) FROM location_visit"), (2 * self.batches).to_string());
        let rejects = "SELECT count(DISTINCT source_id) FROM etl_message_reject";
        assert_eq!(count(rejects), batches);
        let others = "SELECT source_id, reason FROM etl_message_reject WHERE source_id NOT LIKE '%/2'";
        assert_eq!(self.database.rows(others), Vec::<String>::new());
        if at_most_once {
            let twice = "SELECT source_id FROM etl_per_message_logging GROUP BY 1 HAVING count(*) > 1";
            assert_eq!(self.database.rows(twice), Vec::<String>::new());
            assert_eq!(count("SELECT count(*) FROM etl_message_reject"), batches);
        }
    }
}

impl World for CoreWorld {
    /// Publishes a batch about a new patient, and waits until each of its messages is settled.
    fn batch(&mut self, about: &str) {
        self.publish();
        let begin = Instant::now();
        while !self.is_settled(self.batches) {
            assert!(
                begin.elapsed() < PATIENCE,
                "stuck at {about}: {:?} {:?}",
                self.health.snapshot(),
                self.sessions()
            );
            sleep(POLL);
        }
    }

    fn stop(self) {
        self.cancel.cancel();
        self.runtime.block_on(self.core).unwrap();
        self.runtime.shutdown_background();
    }
}

#[test]
fn the_conversation_with_the_star() {
    sweep(
        "core with PostgreSQL",
        || CoreWorld::start(PATIENCE),
        |world| &world.to_star,
        |one| one.plan(postgres::Filter::any(), SqlState::DISK_FULL),
        |world| world.check(true),
    );
}

#[test]
fn the_conversation_with_the_broker() {
    sweep(
        "core with RabbitMQ",
        || CoreWorld::start(2 * SILENCE),
        |world| &world.to_broker,
        |one| one.plan(amqp::Filter::any(), ReplyCode::INTERNAL_ERROR),
        |world| world.check(false),
    );
}
