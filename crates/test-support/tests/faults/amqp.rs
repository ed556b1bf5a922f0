//! The proxy in front of RabbitMQ.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use emap_local_services::rabbitmq::{PASSWORD, USER, shared};
use emap_test_support::faults::{
    amqp::{Fault, Filter, Kind, Proxy, ReplyCode},
    ledger::queues,
    plan::{Action, Side},
};
use futures::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
    },
    types::FieldTable,
};

/// For what is to go on.
const SOON: Duration = Duration::from_secs(20);
/// For what is to wait.
const A_WHILE: Duration = Duration::from_millis(300);
/// For a connection to be made.
const HANDSHAKE: Duration = Duration::from_secs(3);
const NO_HANDSHAKE: &str = "no connection in time";

fn proxy() -> Proxy {
    Proxy::start(SocketAddr::from(([127, 0, 0, 1], shared().port()))).unwrap()
}

fn queue() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    format!("faults-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

async fn connect(proxy: &Proxy) -> lapin::Result<Connection> {
    let url = format!("amqp://{USER}:{PASSWORD}@127.0.0.1:{}/%2f?heartbeat=0", proxy.port());
    Connection::connect(&url, ConnectionProperties::default()).await
}

/// A channel with confirms and a queue.
async fn channel(connection: &Connection, queue: &str) -> lapin::Result<Channel> {
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), durable, FieldTable::default()).await?;
    Ok(channel)
}

/// Publishes and waits for the confirm.
async fn publish(channel: &Channel, queue: &str, body: &str) -> lapin::Result<()> {
    let options = BasicPublishOptions::default();
    let sent =
        channel.basic_publish("".into(), queue.into(), options, body.as_bytes(), BasicProperties::default());
    let confirm = sent.await?.await?;
    assert!(confirm.is_ack(), "{confirm:?}");
    Ok(())
}

async fn bodies(queue: &str) -> Vec<String> {
    let bodies = queues::bodies(&shared().url("/"), queue).await.unwrap();
    bodies.into_iter().map(|body| String::from_utf8(body).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_plan_everything_passes_and_is_counted() {
    let (proxy, queue) = (proxy(), queue());
    let connection = connect(&proxy).await.unwrap();
    let channel = channel(&connection, &queue).await.unwrap();
    // More than a frame holds.
    let large = "x".repeat(1 << 20);
    publish(&channel, &queue, &large).await.unwrap();
    publish(&channel, &queue, "small").await.unwrap();
    assert_eq!(bodies(&queue).await, [large, "small".to_owned()]);
    assert_eq!(bodies(&queue).await.len(), 2, "looking leaves them where they are");
    assert_eq!(proxy.seen(), []);
    assert!(proxy.positions().client > 14 && proxy.positions().server > 7, "{:?}", proxy.positions());
    connection.close(200, "".into()).await.unwrap();
    until(|| proxy.open() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_has_the_message_whose_confirm_is_lost_with_the_connection() {
    let (proxy, queue) = (proxy(), queue());
    let connection = connect(&proxy).await.unwrap();
    let channel = channel(&connection, &queue).await.unwrap();
    proxy.arm(Fault::at_client(Kind::BASIC_PUBLISH, Action::LoseAnswer).nth(2));
    publish(&channel, &queue, "one").await.unwrap();
    let lost = tokio::time::timeout(SOON, publish(&channel, &queue, "two")).await;
    assert!(lost.expect("the connection is lost").is_err());
    assert_eq!(bodies(&queue).await, ["one", "two"]);
    assert_eq!((proxy.seen()[0].message.as_str(), proxy.seen()[0].action), ("basic.publish", "lose answer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swallowed_confirm_never_comes_and_the_connection_goes_on() {
    let (proxy, queue) = (proxy(), queue());
    let connection = connect(&proxy).await.unwrap();
    let channel = channel(&connection, &queue).await.unwrap();
    proxy.arm(Fault::at_server(Kind::BASIC_ACK, Action::Swallow));
    assert!(tokio::time::timeout(A_WHILE, publish(&channel, &queue, "one")).await.is_err());
    let other = connection.create_channel().await.unwrap();
    other.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    publish(&other, &queue, "two").await.unwrap();
    assert_eq!(bodies(&queue).await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_publish_is_lost_and_a_refused_one_closes_the_connection() {
    let (proxy, queue) = (proxy(), queue());
    for action in [Action::Cut, Action::Refuse(ReplyCode::CONNECTION_FORCED)] {
        let connection = connect(&proxy).await.unwrap();
        let channel = channel(&connection, &queue).await.unwrap();
        let is_refused = action != Action::Cut;
        proxy.arm(Fault::at_client(Kind::BASIC_PUBLISH, action));
        let error = tokio::time::timeout(SOON, publish(&channel, &queue, "lost")).await.unwrap().unwrap_err();
        assert_eq!(error.to_string().contains("fault injector"), is_refused, "{error}");
    }
    assert_eq!(bodies(&queue).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_publish_waits_until_it_is_released() {
    let (proxy, queue) = (proxy(), queue());
    let connection = connect(&proxy).await.unwrap();
    let channel = channel(&connection, &queue).await.unwrap();
    proxy.arm(Fault::at_client(Kind::Header, Action::Stall(None)));
    let publishing = publish(&channel, &queue, "one");
    tokio::pin!(publishing);
    assert!(tokio::time::timeout(A_WHILE, &mut publishing).await.is_err());
    proxy.release();
    tokio::time::timeout(SOON, publishing).await.unwrap().unwrap();
    proxy.arm(Fault::at_client(Kind::BASIC_PUBLISH, Action::Delay(A_WHILE)));
    let begin = Instant::now();
    publish(&channel, &queue, "two").await.unwrap();
    assert!(begin.elapsed() >= A_WHILE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_broker_never_answers() {
    let (proxy, queue) = (proxy(), queue());
    let connection = connect(&proxy).await.unwrap();
    let channel = channel(&connection, &queue).await.unwrap();
    proxy.arm(Fault::at_client(Kind::BASIC_PUBLISH, Action::Silence));
    let publishing = publish(&channel, &queue, "one");
    tokio::pin!(publishing);
    assert!(tokio::time::timeout(A_WHILE, &mut publishing).await.is_err());
    proxy.cut();
    assert!(tokio::time::timeout(SOON, publishing).await.unwrap().is_err());
    assert_eq!(bodies(&queue).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_acknowledgement_is_a_redelivery() {
    let (proxy, queue) = (proxy(), queue());
    let connection = connect(&proxy).await.unwrap();
    let channel = channel(&connection, &queue).await.unwrap();
    publish(&channel, &queue, "one").await.unwrap();
    proxy.arm(Fault::at_client(Kind::BASIC_ACK, Action::Cut));
    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume(queue.as_str().into(), "".into(), options, FieldTable::default())
        .await
        .unwrap();
    let delivery = consumer.next().await.unwrap().unwrap();
    // Whether the client learns at once that the connection is gone is chance.
    let _ = delivery.ack(BasicAckOptions::default()).await;
    until(|| proxy.open() == 0).await;
    let mut again = Vec::new();
    let begin = Instant::now();
    while again.is_empty() && begin.elapsed() < SOON {
        again = bodies(&queue).await;
    }
    assert_eq!(again, ["one"]);
}

/// For each position of a small conversation and each kind of fault: the conversation ends, and what was confirmed is
/// in the queue.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_over_every_position_ends_and_what_was_confirmed_is_there() {
    async fn conversation(proxy: &Proxy, queue: &str) -> Result<(), String> {
        // When the connection ends in the middle of the handshake, lapin sometimes waits for ever.
        let connection = tokio::time::timeout(HANDSHAKE, connect(proxy)).await;
        let connection =
            connection.map_err(|_| NO_HANDSHAKE.to_owned())?.map_err(|error| error.to_string())?;
        let talk = async {
            let channel = channel(&connection, queue).await?;
            publish(&channel, queue, "message").await?;
            connection.close(200, "".into()).await
        };
        talk.await.map_err(|error| error.to_string())
    }
    let proxy = proxy();
    conversation(&proxy, &queue()).await.unwrap();
    until(|| proxy.open() == 0).await;
    let positions = proxy.positions();
    let (mut tried, mut unanswered) = (0, 0);
    let actions = [
        Action::Cut,
        Action::Stall(Some(Duration::from_millis(5))),
        Action::Refuse(ReplyCode::INTERNAL_ERROR),
        Action::LoseAnswer,
    ];
    for (side, number) in positions.all() {
        for action in &actions {
            let queue = queue();
            proxy.arm(Fault::at(side, Filter::any(), action.clone()).nth(number));
            let succeeded = tokio::time::timeout(SOON, conversation(&proxy, &queue)).await;
            let succeeded = succeeded.unwrap_or_else(|_| panic!("{side:?} {number} {action:?} does not end"));
            // So that what was in flight is in the queue or gone.
            until(|| proxy.open() == 0).await;
            let found = queues::bodies(&shared().url("/"), &queue).await.map_or(0, |bodies| bodies.len());
            assert!(
                found == 1 || succeeded.is_err(),
                "{side:?} {number} {action:?}: succeeded {succeeded:?}"
            );
            tried += 1;
            unanswered += u32::from(succeeded == Err(NO_HANDSHAKE.to_owned()));
        }
    }
    println!(
        "{} frames of the client, {} of the broker: {tried} faults tried, {} happened, {unanswered} handshakes \
         without an end",
        positions.client,
        positions.server,
        proxy.seen().len()
    );
    assert!(positions.client > 10 && positions.server > 7, "{positions:?}");
    assert!(proxy.seen().iter().any(|seen| seen.side == Side::Server));
    assert_eq!(proxy.seen().len(), tried);
}

async fn until(condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < SOON, "waited in vain");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
