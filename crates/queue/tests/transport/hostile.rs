//! One bad message or one bad peer does not stop the others: properties that are no text, headers nested beyond any
//! stack, messages above every limit, documents that would fill the memory.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use emap_local_services::rabbitmq::{Options, Server, shared};
use emap_queue::{Batch, BatchLimit, Consumer, ConsumerSettings, GivenUp, GivenUpReason, Transport};
use emap_test_support::raw_amqp::{CONTENT_TYPE, HEADERS, MESSAGE_ID, RawClient, long, nested, short};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::{
    rabbitmq::transport,
    support::{
        Confirmations, OtherProgram, PATIENCE, SHORTLY, config, consumer, drain, fresh_queue, next, outgoing,
        publish, publisher, settings,
    },
};

#[tokio::test]
async fn properties_that_are_no_text_and_headers_without_end_stop_nothing() {
    let queue = fresh_queue("hostile");
    OtherProgram::start().await.declare(&queue, 100).await.unwrap();
    let mut consumer = consumer(&transport(), &[&queue]);
    let target = queue.clone();
    tokio::task::spawn_blocking(move || {
        let mut client = RawClient::connect(shared(), "/");
        client.publish(&target, CONTENT_TYPE, &short(b"text/\xff\xfe"), b"first");
        client.publish(&target, MESSAGE_ID, &short(b"\xc3\x28"), b"second");
        let not_utf_8 = [short(b"n\xff"), b"S".to_vec(), long(b"\xff")].concat();
        client.publish(&target, HEADERS, &long(&not_utf_8), b"third");
        client.publish(&target, HEADERS, &nested(3000), b"fourth");
        client.publish(&target, 0, b"", b"fifth");
        client.close();
    })
    .await
    .unwrap();
    let mut bodies = Vec::new();
    while bodies.len() < 5 {
        let delivered = next(&mut consumer, 10).await;
        for mut delivery in delivered.deliveries {
            let reason = delivery.decode().unwrap_err().to_string();
            bodies.push((String::from_utf8(delivery.body).unwrap(), reason));
        }
        delivered.ticket.settle(&[]);
    }
    let expected = ["first", "second", "third", "fourth", "fifth"];
    assert_eq!(bodies.iter().map(|(body, _)| body.as_str()).collect::<Vec<_>>(), expected);
    assert!(bodies[0].1.starts_with("content type"), "what it says it is decides: {:?}", bodies[0]);
    assert!(bodies[1].1.ends_with("(at byte 0)"), "what does not matter is left out: {:?}", bodies[1]);
    consumer.close().await;
    assert_eq!(OtherProgram::start().await.depth(&queue).await, 0);
}

fn batch(number: usize, bytes: usize, sender: &mpsc::Sender<Vec<GivenUp>>) -> Batch {
    let mut message = outgoing(number);
    message.body = vec![b'x'; bytes];
    let sender = sender.clone();
    let on_confirmed = Box::new(move |given_up| sender.send(given_up).unwrap());
    Batch { id: format!("batch{number}"), messages: vec![message], on_confirmed }
}

#[tokio::test]
async fn a_message_above_our_limit_is_given_up_and_the_next_goes_out() {
    let queue = fresh_queue("large");
    let (sender, given_up) = mpsc::channel();
    let limit = emap_queue::PublisherSettings { max_message_bytes: 1000, ..settings(&queue) };
    let publisher = publisher(&transport(), limit).await;
    for (number, bytes) in [1000, 1001, 1].into_iter().enumerate() {
        publisher.submit(batch(number, bytes, &sender)).await.unwrap();
    }
    drain(&publisher).await;
    let given_up: Vec<_> = given_up.try_iter().collect();
    let too_large = GivenUp {
        correlation_id: outgoing(1).correlation_id,
        bytes: 1001,
        reason: GivenUpReason::AboveOurLimit,
    };
    assert_eq!(given_up, [vec![], vec![too_large], vec![]]);
    assert_eq!(OtherProgram::start().await.depth(&queue).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_above_the_brokers_limit_is_found_and_given_up() {
    let options = Options { configuration: "max_message_size = 100000\n".to_owned(), ..Options::default() };
    let server = tokio::task::spawn_blocking(|| Server::start(options).unwrap()).await.unwrap();
    let config = config(&server);
    let queue = fresh_queue("large");
    let (sender, given_up) = mpsc::channel();
    let publisher = publisher(&Transport::Amqp(config.clone()), settings(&queue)).await;
    for number in 0..60 {
        let bytes = if number % 20 == 7 { 100_001 } else { 50 };
        publisher.submit(batch(number, bytes, &sender)).await.unwrap();
    }
    drain(&publisher).await;
    let found: Vec<_> = given_up.try_iter().flatten().collect();
    let numbers: Vec<_> = found.iter().map(|message| message.correlation_id.clone()).collect();
    assert_eq!(numbers, [7, 27, 47].map(|number| outgoing(number).correlation_id));
    assert!(found.iter().all(|message| message.reason == GivenUpReason::AboveBrokersLimit));
    let kept = OtherProgram::connect(&config).await.depth(&queue).await;
    assert!(kept >= 57, "{kept}: all others, some perhaps twice");
}

/// Documents of a megabyte wait at the broker, not here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_bytes_are_held_than_allowed_and_yet_everything_comes() {
    const COUNT: usize = 40;
    const SIZE: usize = 1 << 20;
    let queue = fresh_queue("bytes");
    let (sender, _given_up) = mpsc::channel();
    let publisher = publisher(&transport(), settings(&queue)).await;
    for number in 0..COUNT {
        publisher.submit(batch(number, SIZE, &sender)).await.unwrap();
    }
    drain(&publisher).await;
    let limits = ConsumerSettings { max_bytes: 4 * SIZE, ..ConsumerSettings::of(vec![queue.clone()]) };
    let mut consumer = Consumer::start(transport(), limits);
    let first = next(&mut consumer, COUNT).await;
    // Time for more to come.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut held = vec![first];
    while let Ok(Some(more)) =
        tokio::time::timeout(SHORTLY * 5, consumer.next_batch(BatchLimit::messages(COUNT), SHORTLY)).await
    {
        held.push(more);
    }
    let count = |held: &[emap_queue::Delivered]| held.iter().map(|one| one.deliveries.len()).sum::<usize>();
    assert!((1..=6).contains(&count(&held)), "{} of {COUNT} documents are here", count(&held));
    let mut received = 0;
    for delivered in held {
        received += delivered.deliveries.len();
        delivered.ticket.settle(&[]);
    }
    while received < COUNT {
        let delivered = next(&mut consumer, COUNT).await;
        received += delivered.deliveries.len();
        delivered.ticket.settle(&[]);
    }
    consumer.close().await;
    assert_eq!(OtherProgram::start().await.depth(&queue).await, 0);
}

/// Nothing settled, nothing read: closing must not wait for the messages that have not come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_holds_all_it_may_closes_at_once() {
    let queue = fresh_queue("bytes");
    let (sender, _given_up) = mpsc::channel();
    let publisher = publisher(&transport(), settings(&queue)).await;
    for number in 0..20 {
        publisher.submit(batch(number, 1 << 20, &sender)).await.unwrap();
    }
    drain(&publisher).await;
    let limits = ConsumerSettings { max_bytes: 1 << 20, ..ConsumerSettings::of(vec![queue]) };
    let mut consumer = Consumer::start(transport(), limits);
    let held = next(&mut consumer, 20).await;
    let begin = Instant::now();
    tokio::time::timeout(PATIENCE, consumer.close()).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    drop(held);
}

/// What was refused is counted, by queue.
#[tokio::test]
async fn refused_deliveries_are_counted() {
    // For this thread, on which all tasks of the test run.
    let recorder = PrometheusBuilder::new().build_recorder();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let queues = [fresh_queue("refused"), fresh_queue("refused")];
    for (number, queue) in queues.iter().enumerate() {
        let publisher = publisher(&transport(), settings(queue)).await;
        publish(&publisher, &Confirmations::new(), 10).await;
        drain(&publisher).await;
        let mut consumer = consumer(&transport(), &[queue]);
        let mut settled = 0;
        while settled < 10 {
            let delivered = next(&mut consumer, 5).await;
            settled += delivered.deliveries.len();
            // The first of each batch; from the second queue also the same one again, which is counted once.
            delivered.ticket.settle(&[0, 0][..=number]);
        }
        consumer.close().await;
        let shown = recorder.handle().render();
        let value = |name: &str| {
            let series = format!("emap_consumer_{name}_total{{queue=\"{queue}\"}} ");
            let value = shown
                .lines()
                .find_map(|line| line.strip_prefix(&series))
                .unwrap_or_else(|| panic!("{shown}"));
            value.parse::<u32>().unwrap()
        };
        assert!((2..=10).contains(&value("rejected")), "one of each batch of at most five");
        assert_eq!(value("acknowledged"), 10 - value("rejected"));
    }
}
