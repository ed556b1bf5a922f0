//! What was put on the queue, and what became of it.

use std::collections::HashSet;

use emap_interchange::queues::HL7_QUEUE;
use emap_local_services::rabbitmq;
use emap_queue::{Batch, BrokerConfig, Outgoing, Publisher, PublisherSettings, Transport};
use emap_test_support::messages::admit;

use crate::world::World;

/// Messages in one batch of the publisher.
const BATCH: usize = 100;
/// Of so many messages one is good.
const GOOD: usize = 50;
const TYPE: &str = "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient";

/// Messages on the queue of core, bad ones with good ones between them.
#[derive(Default)]
pub(crate) struct Sent {
    bodies: Vec<Vec<u8>>,
    /// Ids of the good ones.
    good: Vec<String>,
}

impl Sent {
    /// One more; the function makes the body with the id that it has to have.
    pub(crate) fn add(&mut self, body: impl FnOnce(&str) -> Vec<u8>) {
        if self.bodies.len().is_multiple_of(GOOD) {
            let id = self.next_id();
            let number = self.bodies.len();
            let mut message =
                admit(&format!("M{number}"), &format!("V{number}"), "W1^R^B1", "2031-03-02T08:15:00Z");
            message.source_message_id = Some(id.clone());
            self.bodies.push(message.to_json());
            self.good.push(id);
        }
        let id = self.next_id();
        self.bodies.push(body(&id));
    }

    fn next_id(&self) -> String {
        format!("bad-{:06}", self.bodies.len())
    }

    /// Publishes everything, and waits until core has settled it.
    pub(crate) fn publish(&mut self, world: &World) {
        let bodies: Vec<_> = self.bodies.iter_mut().map(std::mem::take).collect();
        let server = rabbitmq::shared();
        let broker = BrokerConfig {
            host: server.host().to_owned(),
            port: server.port(),
            virtual_host: world.virtual_host.clone(),
            ..BrokerConfig::default()
        };
        let settings = PublisherSettings {
            queue: HL7_QUEUE.to_owned(),
            max_message_bytes: usize::MAX,
            ..PublisherSettings::default()
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let publisher = Publisher::start(Transport::Amqp(broker), settings);
            let mut bodies = bodies.into_iter().enumerate().peekable();
            while let Some((first, _)) = bodies.peek() {
                let id = first.to_string();
                let outgoing = |(place, body): (usize, Vec<u8>)| Outgoing {
                    correlation_id: place.to_string(),
                    type_name: TYPE,
                    body,
                };
                let messages = bodies.by_ref().take(BATCH).map(outgoing).collect();
                let on_confirmed = Box::new(|given_up: Vec<_>| assert!(given_up.is_empty()));
                publisher.submit(Batch { id, messages, on_confirmed }).await.unwrap();
            }
            publisher.drain().await;
        });
    }

    /// Every message is logged or rejected, once, and the good ones have succeeded.
    pub(crate) fn assert_settled(&self, world: &World) {
        let sent = self.bodies.len();
        world.until("every message is settled", || world.settled() >= sent && world.queue() == Some((0, 0)));
        assert_eq!(world.settled(), sent, "once each");
        let logged: HashSet<String> = world
            .star
            .rows("SELECT source_id FROM etl_per_message_logging WHERE NOT error AND source_id IS NOT NULL")
            .into_iter()
            .collect();
        let failed: Vec<_> = self.good.iter().filter(|id| !logged.contains(*id)).collect();
        assert!(failed.is_empty(), "good, and not applied: {failed:?}");
        // A message whose id was spoilt is in the log under what it has, or in the rejects with its body.
        let kept = world
            .star
            .rows("SELECT coalesce(substring(body FROM 'bad-[0-9]{6}'), source_id) FROM etl_message_reject");
        let known: HashSet<&String> =
            logged.iter().chain(&kept).filter(|id| id.starts_with("bad-")).collect();
        let count = |query: &str| world.star.value(query).parse::<usize>().unwrap();
        let logged_otherwise = count(
            "SELECT count(*) FROM etl_per_message_logging WHERE NOT error AND coalesce(source_id, '') !~ '^bad-[0-9]{6}$'",
        );
        let kept_otherwise = count(
            "SELECT count(*) FROM etl_message_reject WHERE coalesce(source_id, '') || body !~ 'bad-[0-9]{6}'",
        );
        assert_eq!(known.len() + logged_otherwise + kept_otherwise, sent, "each message is there, once");
    }
}
