//! The broker inside the program.

use emap_queue::{Publisher, Transport, transport::in_process::Broker};

use crate::{
    scenarios,
    support::{Confirmations, consumer, drain, next, publish, settings},
};

macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                scenarios::$name(Transport::InProcess(Broker::new())).await;
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
async fn depth_counts_what_is_not_settled() {
    let broker = Broker::new();
    let transport = Transport::InProcess(broker.clone());
    let publisher = Publisher::start(transport.clone(), settings("depth"));
    publish(&publisher, &Confirmations::new(), 10).await;
    drain(&publisher).await;
    assert_eq!(broker.depth("depth"), 10);
    let mut consumer = consumer(&transport, &["depth"]);
    let delivered = next(&mut consumer, 4).await;
    assert_eq!(broker.depth("depth"), 10);
    delivered.ticket.settle(&[1]);
    consumer.close().await;
    assert_eq!(broker.depth("depth"), 6);
    assert_eq!(broker.depth("nowhere"), 0);
}

#[tokio::test]
async fn dropping_the_publisher_stops_it() {
    let broker = Broker::new();
    broker.declare("drop", 1);
    let publisher = Publisher::start(Transport::InProcess(broker.clone()), settings("drop"));
    let mut confirmations = Confirmations::new();
    publisher.submit(confirmations.batch(0..2)).await.unwrap();
    drop(publisher);
    assert_eq!(confirmations.so_far(), Vec::<String>::new());
    assert!(broker.depth("drop") <= 1);
}
