//! What must hold over every transport.

use std::time::Duration;

use emap_queue::{Batch, Outgoing, PublisherSettings, SubmitError, Transport};

use crate::support::{
    Confirmations, SHORTLY, consumer, drain, first_occurrences, fresh_queue, next, numbers, outgoing,
    publish, publisher, receive, settings, until,
};

pub(crate) async fn everything_arrives_in_order(transport: Transport) {
    let queue = fresh_queue("order");
    let publisher = publisher(&transport, settings(&queue)).await;
    let mut confirmations = Confirmations::new();
    let mut consumer = consumer(&transport, &[&queue]);
    let ids = publish(&publisher, &confirmations, 2000).await;
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ids);
    assert_eq!(receive(&mut consumer, 2000).await, (0..2000).collect::<Vec<_>>());
    publisher.shutdown().await;
    consumer.close().await;
    assert!(consumer.next_batch(emap_queue::BatchLimit::messages(1), SHORTLY).await.is_none());
}

/// With one message in transit at a time, refusals delay but neither lose nor reorder.
pub(crate) async fn a_full_queue_keeps_the_order_of_single_messages(transport: Transport) {
    let received = through_a_full_queue(transport, 1).await;
    assert_eq!(received, (0..60).collect::<Vec<_>>());
}

/// With more in transit, messages may change places, but none is lost.
pub(crate) async fn a_full_queue_loses_nothing(transport: Transport) {
    let mut received = first_occurrences(&through_a_full_queue(transport, 7).await);
    received.sort_unstable();
    assert_eq!(received, (0..60).collect::<Vec<_>>());
}

async fn through_a_full_queue(transport: Transport, max_in_transit: usize) -> Vec<usize> {
    let queue = fresh_queue("full");
    let small = PublisherSettings { queue_length: 5, max_in_transit, max_batches: 10, ..settings(&queue) };
    let publisher = publisher(&transport, small).await;
    let mut confirmations = Confirmations::new();
    let ids = publish(&publisher, &confirmations, 60).await;
    // There is no consumer yet: five messages fit, so not even the first batch of ten can be complete.
    let drained = tokio::time::timeout(Duration::from_millis(300), publisher.drain()).await;
    assert!(drained.is_err());
    assert_eq!(confirmations.so_far(), Vec::<String>::new());
    let mut consumer = consumer(&transport, &[&queue]);
    let received = receive(&mut consumer, 60).await;
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ids);
    received
}

pub(crate) async fn submit_waits_while_the_line_is_full(transport: Transport) {
    let queue = fresh_queue("line");
    let tiny = PublisherSettings { queue_length: 1, max_in_transit: 1, max_batches: 2, ..settings(&queue) };
    let publisher = publisher(&transport, tiny).await;
    let mut confirmations = Confirmations::new();
    // One in the queue, one refused and being tried again, two in line.
    for number in 0..4 {
        publisher.submit(confirmations.batch(number..number + 1)).await.unwrap();
    }
    let fifth = publisher.submit(confirmations.batch(4..5));
    assert!(tokio::time::timeout(Duration::from_millis(200), fifth).await.is_err());
    let mut consumer = consumer(&transport, &[&queue]);
    receive(&mut consumer, 4).await;
    drain(&publisher).await;
    assert_eq!(confirmations.so_far().len(), 4);
}

pub(crate) async fn a_batch_under_way_is_not_taken_twice(transport: Transport) {
    let queue = fresh_queue("twice");
    let tiny = PublisherSettings { queue_length: 1, max_in_transit: 1, ..settings(&queue) };
    let publisher = publisher(&transport, tiny).await;
    let mut confirmations = Confirmations::new();
    publisher.submit(confirmations.batch(0..3)).await.unwrap();
    publisher.submit(confirmations.batch(0..3)).await.unwrap();
    let mut consumer = consumer(&transport, &[&queue]);
    assert_eq!(receive(&mut consumer, 3).await, [0, 1, 2]);
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch0"]);
    publisher.submit(confirmations.batch(0..3)).await.unwrap();
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch0"]);
    assert_eq!(receive(&mut consumer, 3).await, [0, 1, 2]);
}

pub(crate) async fn bad_batches_are_refused_at_once(transport: Transport) {
    let publisher = publisher(&transport, settings(&fresh_queue("bad"))).await;
    let batch = |id: &str, messages| Batch { id: id.to_owned(), messages, on_confirmed: Box::new(|_| ()) };
    let colon = Outgoing { correlation_id: "1:2".to_owned(), ..outgoing(1) };
    let empty = publisher.submit(batch("a", Vec::new())).await;
    assert_eq!(empty, Err(SubmitError::BatchEmpty("a".to_owned())));
    let batch_colon = publisher.submit(batch("a:b", vec![outgoing(1)])).await;
    assert_eq!(batch_colon, Err(SubmitError::ColonInBatchId("a:b".to_owned())));
    let id_colon = publisher.submit(batch("a", vec![colon])).await;
    assert_eq!(id_colon, Err(SubmitError::ColonInCorrelationId("1:2".to_owned())));
    let repeated = publisher.submit(batch("a", vec![outgoing(1), outgoing(1)])).await;
    assert_eq!(repeated, Err(SubmitError::RepeatedCorrelationId("a".to_owned())));
}

/// What was submitted before a shutdown is on the queue after it, what comes later is refused.
pub(crate) async fn a_shutdown_finishes_what_was_submitted(transport: Transport) {
    let queue = fresh_queue("shutdown");
    let publisher = publisher(&transport, settings(&queue)).await;
    let mut confirmations = Confirmations::new();
    let ids = publish(&publisher, &confirmations, 300).await;
    publisher.shutdown().await;
    assert_eq!(confirmations.so_far(), ids);
    assert_eq!(publisher.submit(confirmations.batch(300..301)).await, Err(SubmitError::ShutDown));
    assert!(!publisher.is_connected());
    let mut consumer = consumer(&transport, &[&queue]);
    assert_eq!(receive(&mut consumer, 300).await, (0..300).collect::<Vec<_>>());
}

pub(crate) async fn a_panicking_callback_stops_nothing_else(transport: Transport) {
    let queue = fresh_queue("panic");
    let publisher = publisher(&transport, settings(&queue)).await;
    let mut confirmations = Confirmations::new();
    let angry = Batch { on_confirmed: Box::new(|_| panic!("part of the test")), ..confirmations.batch(0..1) };
    publisher.submit(angry).await.unwrap();
    publisher.submit(confirmations.batch(1..2)).await.unwrap();
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch1"]);
}

pub(crate) async fn what_is_unsettled_comes_again(transport: Transport) {
    let queue = fresh_queue("again");
    let publisher = publisher(&transport, settings(&queue)).await;
    let confirmations = Confirmations::new();
    publish(&publisher, &confirmations, 30).await;
    drain(&publisher).await;

    let mut first = consumer(&transport, &[&queue]);
    let settled = next(&mut first, 10).await;
    let unsettled = next(&mut first, 10).await;
    assert_eq!(numbers(&settled), (0..10).collect::<Vec<_>>());
    assert!(settled.deliveries.iter().all(|delivery| !delivery.redelivered));
    settled.ticket.settle(&[]);
    first.close().await;
    // Too late: the connection this batch came by is gone.
    unsettled.ticket.settle(&[]);
    drop(first);

    let mut second = consumer(&transport, &[&queue]);
    let mut received = Vec::new();
    while received.len() < 20 {
        let delivered = next(&mut second, 10).await;
        let seen_before = delivered.deliveries.iter().filter(|delivery| delivery.redelivered).count();
        assert!(received.len() >= 10 || seen_before == delivered.deliveries.len());
        received.extend(numbers(&delivered));
        delivered.ticket.settle(&[]);
    }
    assert_eq!(received, (10..30).collect::<Vec<_>>());
}

pub(crate) async fn rejected_messages_are_gone(transport: Transport) {
    let queue = fresh_queue("reject");
    let publisher = publisher(&transport, settings(&queue)).await;
    let confirmations = Confirmations::new();
    publish(&publisher, &confirmations, 20).await;
    drain(&publisher).await;

    let mut consumer = self::consumer(&transport, &[&queue]);
    let all = next(&mut consumer, 7).await;
    consumer.settle(all.ticket, &[0, 3, 6, 99]);
    let every_one = next(&mut consumer, 3).await;
    every_one.ticket.settle(&[2, 1, 0]);
    receive_rest(&mut consumer, 10).await;
    consumer.close().await;
    drop(consumer);

    publisher.submit(confirmations.batch(20..21)).await.unwrap();
    let mut later = self::consumer(&transport, &[&queue]);
    assert_eq!(numbers(&next(&mut later, 100).await), [20]);
}

/// Batches settled in another order than they came: nothing is lost, nothing settled that was not meant.
pub(crate) async fn batches_may_be_settled_in_any_order(transport: Transport) {
    let queue = fresh_queue("anyorder");
    let publisher = publisher(&transport, settings(&queue)).await;
    let confirmations = Confirmations::new();
    publish(&publisher, &confirmations, 40).await;
    drain(&publisher).await;

    let mut consumer = self::consumer(&transport, &[&queue]);
    let mut batches = Vec::new();
    for _ in 0..4 {
        batches.push(next(&mut consumer, 10).await);
    }
    let [first, second, third, fourth]: [_; 4] = batches.try_into().unwrap();
    third.ticket.settle(&[5]);
    first.ticket.settle(&[]);
    fourth.ticket.settle(&[0]);
    drop(second);
    consumer.close().await;
    drop(consumer);

    publisher.submit(confirmations.batch(40..41)).await.unwrap();
    let mut later = self::consumer(&transport, &[&queue]);
    let mut received = Vec::new();
    while received.len() < 11 {
        let delivered = next(&mut later, 100).await;
        received.extend(numbers(&delivered));
        delivered.ticket.settle(&[]);
    }
    assert_eq!(received, (10..20).chain([40]).collect::<Vec<_>>());
}

async fn receive_rest(consumer: &mut emap_queue::Consumer, mut count: usize) {
    while count > 0 {
        let delivered = next(consumer, count).await;
        count -= delivered.deliveries.len();
        delivered.ticket.settle(&[]);
    }
}

/// No more than the prefetch count is ever unsettled, and a batch does not wait for what cannot come.
pub(crate) async fn the_prefetch_count_bounds_what_is_unsettled(transport: Transport) {
    let queue = fresh_queue("prefetch");
    let publisher = publisher(&transport, settings(&queue)).await;
    let confirmations = Confirmations::new();
    publish(&publisher, &confirmations, 150).await;
    drain(&publisher).await;
    let mut consumer = self::consumer(&transport, &[&queue]);
    let long = Duration::from_secs(3600);
    let batch = tokio::time::timeout(
        crate::support::PATIENCE,
        consumer.next_batch(emap_queue::BatchLimit::messages(500), long),
    )
    .await;
    let batch = batch.expect("waited for messages that cannot come").unwrap();
    assert_eq!(numbers(&batch), (0..100).collect::<Vec<_>>());
    batch.ticket.settle(&[]);
    assert_eq!(numbers(&next(&mut consumer, 50).await)[0], 100);
}

/// The preferred queue comes first at every batch; the other one waits.
pub(crate) async fn the_preferred_queue_comes_first(transport: Transport) {
    let (preferred, other) = (fresh_queue("preferred"), fresh_queue("other"));
    let urgent = publisher(&transport, settings(&preferred)).await;
    let patient = publisher(&transport, settings(&other)).await;
    until("both queues are declared", || urgent.is_connected() && patient.is_connected()).await;
    let confirmations = Confirmations::new();
    let mut consumer = consumer(&transport, &[&preferred, &other]);
    publish(&patient, &confirmations, 1000).await;
    assert_eq!(&*next(&mut consumer, 1).await.queue, other);
    urgent.submit(confirmations.batch(5000..5001)).await.unwrap();
    drain(&urgent).await;
    let mut from_other = 1;
    loop {
        let delivered = next(&mut consumer, 1).await;
        delivered.ticket.settle(&[]);
        if *delivered.queue == *preferred {
            break;
        }
        from_other += 1;
        assert!(from_other < 1000, "the preferred queue came last");
    }
}

/// A queue that does not exist yet does not stop the others, and is consumed once it is there.
pub(crate) async fn a_missing_queue_is_looked_for_again(transport: Transport) {
    let (missing, present) = (fresh_queue("missing"), fresh_queue("present"));
    let early = publisher(&transport, settings(&present)).await;
    let confirmations = Confirmations::new();
    publish(&early, &confirmations, 10).await;
    drain(&early).await;
    let mut consumer = consumer(&transport, &[&missing, &present]);
    receive(&mut consumer, 10).await;
    assert!(consumer.is_connected());
    let late = publisher(&transport, settings(&missing)).await;
    publish(&late, &confirmations, 10).await;
    assert_eq!(&*next(&mut consumer, 1).await.queue, missing);
}
