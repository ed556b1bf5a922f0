//! The queues and messages as other programs see them, and queues that are not as they should be.

use std::time::Duration;

use emap_local_services::rabbitmq::shared;
use emap_queue::{Batch, BrokerConfig, Outgoing, Publisher, Transport};
use lapin::{
    options::{BasicCancelOptions, BasicConsumeOptions, BasicGetOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

use crate::{
    proxy::Proxy,
    rabbitmq::transport,
    support::{
        Confirmations, OtherProgram, PATIENCE, arguments, assert_complete_and_in_order, config, consumer,
        drain, fresh_queue, next, numbers, outgoing, publish, publisher, receive, settings, until,
    },
};

const CLASS: &str = "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient";

#[tokio::test]
async fn a_published_message_as_other_programs_see_it() {
    let queue = fresh_queue("seen");
    let publisher = Publisher::start(transport(), settings(&queue));
    let message = Outgoing { type_name: CLASS, ..outgoing(17) };
    let batch = Batch { id: "x".to_owned(), messages: vec![message], on_confirmed: Box::new(|_| ()) };
    publisher.submit(batch).await.unwrap();
    drain(&publisher).await;

    let other = OtherProgram::start().await;
    let got = other.channel.basic_get(queue.as_str().into(), BasicGetOptions { no_ack: true }).await.unwrap();
    let got = got.unwrap().delivery;
    assert_eq!(got.data, b"000017");
    assert_eq!((got.exchange.as_str(), got.routing_key.as_str()), ("", queue.as_str()));
    let properties = &got.properties;
    assert_eq!(properties.content_type().as_ref().unwrap().as_str(), "application/json");
    assert_eq!(properties.content_encoding().as_ref().unwrap().as_str(), "UTF-8");
    assert_eq!((*properties.delivery_mode(), *properties.priority()), (Some(2), Some(0)));
    let header = properties.headers().as_ref().unwrap().inner().get("__TypeId__").unwrap();
    assert_eq!(header, &AMQPValue::LongString(CLASS.into()));
    assert!(properties.message_id().is_none() && properties.correlation_id().is_none());
    assert!(properties.timestamp().is_none() && properties.kind().is_none());
    assert!(properties.app_id().is_none() && properties.reply_to().is_none());
    assert!(properties.expiration().is_none() && properties.user_id().is_none());
}

/// RabbitMQ takes a second declaration only if it says the same in every point.
#[tokio::test]
async fn the_queue_has_the_attributes_of_the_contract_and_no_others() {
    let queue = fresh_queue("attributes");
    let (proxy, near) = behind_a_proxy().await;
    let publisher = Publisher::start(near, settings(&queue));
    until("the queue is declared", || publisher.is_connected()).await;

    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let mut long = arguments(100_000);
    long.insert("x-max-length".into(), AMQPValue::LongLongInt(100_000));
    let mut dropping = arguments(100_000);
    dropping.insert("x-overflow".into(), AMQPValue::LongString("drop-head".into()));
    let mut dead_letters = arguments(100_000);
    dead_letters.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("amq.fanout".into()));
    let declarations = [
        ("as the contract says", true, durable, arguments(100_000)),
        ("another kind of integer", true, durable, long),
        ("another length", false, durable, arguments(99_999)),
        ("no arguments", false, durable, FieldTable::default()),
        ("another overflow", false, durable, dropping),
        ("dead letters", false, durable, dead_letters),
        ("not durable", false, QueueDeclareOptions { durable: false, ..durable }, arguments(100_000)),
        ("auto-delete", false, QueueDeclareOptions { auto_delete: true, ..durable }, arguments(100_000)),
        ("exclusive", false, QueueDeclareOptions { exclusive: true, ..durable }, arguments(100_000)),
    ];
    let other = OtherProgram::start().await;
    for (what, same, options, arguments) in declarations {
        let channel = other.connection.create_channel().await.unwrap();
        let declared = channel.queue_declare(queue.as_str().into(), options, arguments).await;
        assert_eq!(declared.is_ok(), same, "{what}");
    }
    // Meanwhile the publisher had time to take notice of the queue's absence at first: that is no fault.
    assert!(publisher.is_connected());
    assert_eq!(proxy.accepted(), 1, "one connection is enough to make a queue and use it");
}

/// A queue with other attributes must not be written to. It is tried for ever, at no growing cost; once it is
/// out of the way, nothing was lost.
#[tokio::test]
async fn a_queue_with_other_attributes_is_waited_for() {
    let queue = fresh_queue("conflict");
    let other = OtherProgram::start().await;
    other.declare(&queue, 7).await.unwrap();
    let (proxy, near) = behind_a_proxy().await;
    let publisher = Publisher::start(near, settings(&queue));
    let mut confirmations = Confirmations::new();
    publisher.submit(confirmations.batch(0..3)).await.unwrap();
    until("it was tried some times", || proxy.accepted() >= 5).await;
    until("old attempts are closed", || proxy.open() <= 1).await;
    assert!(!publisher.is_connected());
    assert_eq!((confirmations.so_far(), other.depth(&queue).await), (Vec::new(), 0));
    other.delete(&queue).await;
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch0"]);
    assert_eq!(other.depth(&queue).await, 3);
}

/// A way to the shared server that counts connections.
async fn behind_a_proxy() -> (Proxy, Transport) {
    let proxy = Proxy::start(shared().port()).await;
    let transport = Transport::Amqp(BrokerConfig { port: proxy.port(), ..config(shared()) });
    (proxy, transport)
}

/// The queue is deleted while both sides use it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_queue_is_declared_anew_and_consumed_again() {
    let queue = fresh_queue("deleted");
    let publisher = publisher(&transport(), settings(&queue)).await;
    let mut confirmations = Confirmations::new();
    publish(&publisher, &confirmations, 10).await;
    drain(&publisher).await;
    let mut consumer = consumer(&transport(), &[&queue]);
    receive(&mut consumer, 10).await;
    OtherProgram::start().await.delete(&queue).await;
    confirmations.so_far();
    publisher.submit(confirmations.batch(100..103)).await.unwrap();
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch100"]);
    let mut received = Vec::new();
    while received.len() < 3 {
        received.extend(numbers(&next(&mut consumer, 3).await));
    }
    assert_eq!(received, [100, 101, 102]);
}

/// A broker confirms what it returns. Of the messages under way when their queue is deleted, all from some
/// point on are on the new queue: what went with the old one was on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_deleted_under_a_stream_of_messages_leaves_no_gap() {
    const COUNT: usize = 5000;
    let queue = fresh_queue("midstream");
    let (proxy, near) = behind_a_proxy().await;
    let publisher = publisher(&near, settings(&queue)).await;
    let mut confirmations = Confirmations::new();
    let other = OtherProgram::start().await;
    let deletion = async {
        while other.depth(&queue).await < 100 {}
        other.delete(&queue).await;
    };
    let (ids, ()) = tokio::join!(publish(&publisher, &confirmations, COUNT), deletion);
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ids);
    assert_eq!(proxy.accepted(), 3, "another program's, one to the old queue and one to the new");
    let mut consumer = consumer(&transport(), &[&queue]);
    let mut received = Vec::new();
    while received.last() != Some(&(COUNT - 1)) {
        let delivered = next(&mut consumer, 100).await;
        received.extend(numbers(&delivered));
        delivered.ticket.settle(&[]);
    }
    assert_complete_and_in_order(&received, received[0]..COUNT);
}

/// Another program keeps a queue to itself: the others are consumed all the same, and that one too in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_refuses_us_does_not_stop_the_others() {
    let (taken, free) = (fresh_queue("taken"), fresh_queue("free"));
    let confirmations = Confirmations::new();
    for queue in [&taken, &free] {
        let publisher = publisher(&transport(), settings(queue)).await;
        publish(&publisher, &confirmations, 500).await;
        drain(&publisher).await;
    }
    let other = OtherProgram::start().await;
    let alone = BasicConsumeOptions { exclusive: true, ..BasicConsumeOptions::default() };
    let hog = other.channel.basic_consume(taken.as_str().into(), "hog".into(), alone, FieldTable::default());
    let hog = hog.await.unwrap();

    let (proxy, near) = behind_a_proxy().await;
    let mut consumer = consumer(&near, &[&taken, &free]);
    assert_eq!(receive(&mut consumer, 500).await, (0..500).collect::<Vec<_>>(), "undisturbed");
    assert_eq!(proxy.accepted(), 2, "a connection for each queue, and the refusal cost none");

    other.channel.basic_cancel("hog".into(), BasicCancelOptions::default()).await.unwrap();
    drop(hog);
    other.connection.close(200, "done".into()).await.unwrap();
    let batch = tokio::time::timeout(
        PATIENCE,
        consumer.next_batch(emap_queue::BatchLimit::messages(10), Duration::ZERO),
    )
    .await
    .unwrap()
    .unwrap();
    assert_eq!(*batch.queue, *taken);
}
