//! A real RabbitMQ: the same scenarios.

use std::time::Duration;

use emap_local_services::rabbitmq;
use emap_queue::{Batch, BrokerConfig, Outgoing, Publisher, Transport};

use crate::{
    scenarios,
    support::{Confirmations, PATIENCE, config, consumer, fresh_queue, next, outgoing, publisher, settings},
};

pub(crate) fn transport() -> Transport {
    Transport::Amqp(config(rabbitmq::shared()))
}

macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                scenarios::$name(transport()).await;
            }
        )*
    };
}

scenarios!(
    everything_arrives_in_order,
    a_full_queue_keeps_the_order_of_single_messages,
    a_full_queue_loses_nothing,
    submit_waits_while_the_line_is_full,
    a_batch_under_way_is_not_taken_twice,
    bad_batches_are_refused_at_once,
    a_shutdown_finishes_what_was_submitted,
    a_panicking_callback_stops_nothing_else,
    what_is_unsettled_comes_again,
    rejected_messages_are_gone,
    batches_may_be_settled_in_any_order,
    the_prefetch_count_bounds_what_is_unsettled,
    the_preferred_queue_comes_first,
    a_missing_queue_is_looked_for_again,
);

#[tokio::test]
async fn a_broker_that_is_not_there_is_no_error() {
    let nowhere = BrokerConfig { port: 1, ..config(rabbitmq::shared()) };
    let publisher = Publisher::start(Transport::Amqp(nowhere.clone()), settings("nowhere"));
    let mut consumer = consumer(&Transport::Amqp(nowhere), &["nowhere"]);
    let confirmations = Confirmations::new();
    publisher.submit(confirmations.batch(0..1)).await.unwrap();
    let short = Duration::from_millis(200);
    assert!(
        tokio::time::timeout(short, consumer.next_batch(emap_queue::BatchLimit::messages(1), short))
            .await
            .is_err()
    );
    assert!(!publisher.is_connected() && !consumer.is_connected());
    tokio::time::timeout(PATIENCE, consumer.close()).await.unwrap();
}

#[tokio::test]
async fn large_messages_travel_too() {
    let queue = fresh_queue("large");
    let publisher = publisher(&transport(), settings(&queue)).await;
    let body = vec![b'x'; 5 << 20];
    let large = Outgoing { body: body.clone(), ..outgoing(1) };
    let batch = Batch { id: "large".to_owned(), messages: vec![large], on_confirmed: Box::new(|_| ()) };
    publisher.submit(batch).await.unwrap();
    let mut consumer = consumer(&transport(), &[&queue]);
    assert!(next(&mut consumer, 1).await.deliveries[0].body == body);
}
