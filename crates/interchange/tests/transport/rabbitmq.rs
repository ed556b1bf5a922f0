//! A real RabbitMQ: the same scenarios, and the queue contract as other programs see it.

use crate::scenarios;
use crate::support::{
    Confirmations, PATIENCE, config, consumer, drain, fresh_queue, next, outgoing, publish, settings, until,
};
use emap_interchange::{Batch, Publisher, Transport};
use emap_local_services::rabbitmq;
use lapin::options::{BasicGetOptions, BasicPublishOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};

fn transport() -> Transport {
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
    a_panicking_callback_harms_nobody,
    what_is_unsettled_comes_again,
    rejected_messages_are_gone,
    batches_may_be_settled_in_any_order,
    the_prefetch_count_bounds_what_is_unsettled,
    the_preferred_queue_comes_first,
    a_missing_queue_is_looked_for_again,
);

/// A plain client, as another program would be.
async fn other_program() -> (Connection, Channel) {
    let url = rabbitmq::shared().url("/");
    let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

fn arguments(length: i32) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(length));
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    arguments
}

async fn declare(channel: &Channel, queue: &str, length: i32) -> lapin::Result<()> {
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), options, arguments(length)).await.map(|_| ())
}

#[tokio::test]
async fn a_published_message_as_other_programs_see_it() {
    let queue = fresh_queue("seen");
    let publisher = Publisher::start(transport(), settings(&queue));
    let message = emap_interchange::Outgoing {
        type_name: "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient",
        ..outgoing(17)
    };
    let batch = Batch { id: "x".to_owned(), messages: vec![message], on_confirmed: Box::new(|| ()) };
    publisher.submit(batch).await.unwrap();
    drain(&publisher).await;

    let (_connection, channel) = other_program().await;
    declare(&channel, &queue, 100_000).await.expect("the queue has the attributes of the contract");
    let got =
        channel.basic_get(queue.as_str().into(), BasicGetOptions { no_ack: true }).await.unwrap().unwrap();
    assert_eq!(got.data, b"000017");
    let properties = &got.properties;
    assert_eq!(properties.content_type().as_ref().unwrap().as_str(), "application/json");
    assert_eq!(properties.content_encoding().as_ref().unwrap().as_str(), "UTF-8");
    assert_eq!((*properties.delivery_mode(), *properties.priority()), (Some(2), Some(0)));
    let header = properties.headers().as_ref().unwrap().inner().get("__TypeId__").unwrap();
    let name = "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient";
    assert_eq!(header, &AMQPValue::LongString(name.into()));
    assert!(properties.message_id().is_none() && properties.correlation_id().is_none());
    assert!(properties.timestamp().is_none() && properties.kind().is_none());
    assert!(declare(&channel, &queue, 99).await.is_err(), "other attributes are a conflict");
}

#[tokio::test]
async fn messages_of_other_programs_come_as_they_are() {
    let queue = fresh_queue("foreign");
    let (_connection, channel) = other_program().await;
    declare(&channel, &queue, 100).await.unwrap();
    let mut headers = FieldTable::default();
    headers.insert("__TypeId__".into(), AMQPValue::LongString("some.Type".into()));
    headers.insert("retries".into(), AMQPValue::LongInt(3));
    let unusual = BasicProperties::default().with_headers(headers).with_content_type("text/x-json".into());
    for (properties, body) in [(BasicProperties::default(), &b""[..]), (unusual, b"{}")] {
        let options = BasicPublishOptions::default();
        channel.basic_publish("".into(), queue.as_str().into(), options, body, properties).await.unwrap();
    }
    let mut consumer = consumer(&transport(), &[&queue]);
    let mut deliveries = Vec::new();
    while deliveries.len() < 2 {
        deliveries.extend(next(&mut consumer, 2).await.deliveries);
    }
    assert_eq!((deliveries[0].body.as_slice(), &deliveries[0].type_header), (&b""[..], &None));
    assert_eq!(deliveries[0].content_type, None);
    assert_eq!(deliveries[1].type_header.as_deref(), Some("some.Type"));
    assert_eq!(deliveries[1].content_type.as_deref(), Some("text/x-json"));
}

/// A queue with other attributes must not be written to; once it is out of the way, nothing was lost.
#[tokio::test]
async fn a_queue_with_other_attributes_is_waited_for() {
    let queue = fresh_queue("conflict");
    let (_connection, channel) = other_program().await;
    declare(&channel, &queue, 7).await.unwrap();
    let publisher = Publisher::start(transport(), settings(&queue));
    let mut confirmations = Confirmations::new();
    publisher.submit(confirmations.batch(0..3)).await.unwrap();
    let drained = tokio::time::timeout(std::time::Duration::from_millis(500), publisher.drain()).await;
    assert!(drained.is_err() && !publisher.is_connected());
    channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch0"]);
}

/// Somebody deletes the queue while both sides use it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_queue_is_declared_anew_and_consumed_again() {
    let queue = fresh_queue("deleted");
    let publisher = Publisher::start(transport(), settings(&queue));
    let mut confirmations = Confirmations::new();
    publish(&publisher, &confirmations, 10).await;
    drain(&publisher).await;
    let mut consumer = consumer(&transport(), &[&queue]);
    crate::support::receive(&mut consumer, 10).await;
    let (_connection, channel) = other_program().await;
    channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    confirmations.so_far();
    publisher.submit(confirmations.batch(100..103)).await.unwrap();
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch100"]);
    let mut received = Vec::new();
    while received.len() < 3 {
        received.extend(crate::support::numbers(&next(&mut consumer, 3).await));
    }
    assert_eq!(received, [100, 101, 102]);
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_no_error() {
    let nowhere = emap_interchange::BrokerConfig { port: 1, ..config(rabbitmq::shared()) };
    let publisher = Publisher::start(Transport::Amqp(nowhere.clone()), settings("nowhere"));
    let mut consumer = consumer(&Transport::Amqp(nowhere), &["nowhere"]);
    let confirmations = Confirmations::new();
    publisher.submit(confirmations.batch(0..1)).await.unwrap();
    let short = std::time::Duration::from_millis(200);
    assert!(tokio::time::timeout(short, consumer.next_batch(1, short)).await.is_err());
    assert!(!publisher.is_connected() && !consumer.is_connected());
    tokio::time::timeout(PATIENCE, consumer.close()).await.unwrap();
}

#[tokio::test]
async fn large_messages_travel_too() {
    let queue = fresh_queue("large");
    let publisher = Publisher::start(transport(), settings(&queue));
    until("connected", || publisher.is_connected()).await;
    let body = vec![b'x'; 5 << 20];
    let large = emap_interchange::Outgoing { body: body.clone(), ..outgoing(1) };
    let batch = Batch { id: "large".to_owned(), messages: vec![large], on_confirmed: Box::new(|| ()) };
    publisher.submit(batch).await.unwrap();
    let mut consumer = consumer(&transport(), &[&queue]);
    assert!(next(&mut consumer, 1).await.deliveries[0].body == body);
}
