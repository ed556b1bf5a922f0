//! A broker that goes away and comes back, and networks that fail: nothing is lost, and what comes twice comes
//! in order.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use emap_local_services::rabbitmq::{Options, Server, shared};
use emap_queue::{BrokerConfig, Consumer, Delivered, Publisher, Transport};

use crate::{
    proxy::Proxy,
    support::{
        Confirmations, OtherProgram, assert_complete_and_in_order, config, consumer, drain,
        first_occurrences, fresh_queue, next, numbers, publish, publisher, receive, receive_counting,
        settings, until,
    },
};

const COUNT: usize = 20_000;

/// Publishes and consumes `COUNT` messages while `disturb` runs, which sees how many have come so far;
/// gives what was received.
async fn transfer<F: Future<Output = ()>>(
    transport: &Transport,
    disturb: impl FnOnce(Arc<AtomicUsize>) -> F,
) -> Vec<usize> {
    let queue = fresh_queue("faults");
    let publisher = Arc::new(Publisher::start(transport.clone(), settings(&queue)));
    let mut consumer = consumer(transport, &[&queue]);
    let sending = Arc::clone(&publisher);
    let sender = tokio::spawn(async move {
        let mut confirmations = Confirmations::new();
        let ids = publish(&sending, &confirmations, COUNT).await;
        drain(&sending).await;
        assert_eq!(confirmations.so_far(), ids, "each batch is confirmed once");
    });
    let came = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&came);
    let receiver = tokio::spawn(async move { receive_counting(&mut consumer, COUNT, &counter).await });
    disturb(came).await;
    sender.await.unwrap();
    receiver.await.unwrap()
}

/// Ends the server in mid-stream and starts it again. Besides the stream there is a consumer that
/// holds messages and has not decided on them.
async fn survive(end: fn(&Server)) {
    let server = Arc::new(Server::start(Options::default()).unwrap());
    let transport = Transport::Amqp(config(&server));
    let mut undecided = Undecided::start(&transport).await;
    let restart = |came: Arc<AtomicUsize>| async move {
        until("messages flow", || came.load(Ordering::SeqCst) > COUNT / 10).await;
        tokio::task::spawn_blocking(move || {
            end(&server);
            server.start_again().unwrap();
            server
        })
        .await
        .unwrap()
    };
    let mut kept_alive = None;
    let received = transfer(&transport, |came| async { kept_alive = Some(restart(came).await) }).await;
    assert_eq!(first_occurrences(&received).len(), COUNT);
    undecided.gets_all_again().await;
}

/// A consumer with messages that it has neither acknowledged nor refused.
struct Undecided {
    consumer: Consumer,
    held: Vec<Delivered>,
    _publisher: Publisher,
}

impl Undecided {
    async fn start(transport: &Transport) -> Self {
        let queue = fresh_queue("undecided");
        let publisher = Publisher::start(transport.clone(), settings(&queue));
        publish(&publisher, &Confirmations::new(), 30).await;
        drain(&publisher).await;
        let mut consumer = consumer(transport, &[&queue]);
        let mut held = Vec::new();
        while held.iter().map(|batch: &Delivered| batch.deliveries.len()).sum::<usize>() < 30 {
            held.push(next(&mut consumer, 10).await);
        }
        Self { consumer, held, _publisher: publisher }
    }

    /// What is decided after the connection is gone does not count.
    async fn gets_all_again(&mut self) {
        self.held.drain(..).for_each(|batch| batch.ticket.settle(&[0]));
        assert_complete_and_in_order(&receive(&mut self.consumer, 30).await, 0..30);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_stopped_and_started_loses_nothing() {
    survive(|server| server.stop().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_killed_loses_nothing() {
    survive(|server| server.crash().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_comes_late_is_found() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let transport = Transport::Amqp(BrokerConfig { port, ..config(shared()) });
    let queue = fresh_queue("late");
    let publisher = Publisher::start(transport.clone(), settings(&queue));
    let mut consumer = consumer(&transport, &[&queue]);
    let mut confirmations = Confirmations::new();
    publisher.submit(confirmations.batch(0..10)).await.unwrap();
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), publisher.drain()).await;
    assert!(early.is_err() && !publisher.is_connected() && !consumer.is_connected());
    let _proxy = Proxy::start_on(port, shared().port()).await;
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch0"]);
    assert_eq!(receive(&mut consumer, 10).await, (0..10).collect::<Vec<_>>());
}

/// A way to the shared server that can be disturbed.
async fn behind_a_proxy() -> (Proxy, Transport) {
    let proxy = Proxy::start(shared().port()).await;
    let transport = Transport::Amqp(BrokerConfig { port: proxy.port(), ..config(shared()) });
    (proxy, transport)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_lose_nothing_and_keep_the_order() {
    let (proxy, transport) = behind_a_proxy().await;
    let cuts = |came: Arc<AtomicUsize>| async move {
        for part in 1..5 {
            until("messages flow", || came.load(Ordering::SeqCst) > COUNT * part / 6).await;
            proxy.cut();
        }
        proxy
    };
    let mut kept_alive = None;
    let received = transfer(&transport, |came| async { kept_alive = Some(cuts(came).await) }).await;
    assert_complete_and_in_order(&received, 0..COUNT);
}

/// The connection ends in the middle of a batch, and of a message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_while_a_batch_is_sent() {
    let queue = fresh_queue("sending");
    let other = OtherProgram::start().await;
    other.declare(&queue, 100_000).await.unwrap();
    let (proxy, transport) = behind_a_proxy().await;
    proxy.cut_next_after_sending(250_000);
    let publisher = Publisher::start(transport, settings(&queue));
    let mut confirmations = Confirmations::new();
    publisher.submit(confirmations.large_batch(0..100)).await.unwrap();
    publisher.submit(confirmations.batch(100..103)).await.unwrap();
    drain(&publisher).await;
    assert_eq!(proxy.accepted(), 2);
    assert_eq!(confirmations.so_far(), ["batch0", "batch100"]);
    let mut consumer = consumer(&Transport::Amqp(config(shared())), &[&queue]);
    assert_complete_and_in_order(&receive(&mut consumer, 103).await, 0..103);
}

/// The broker keeps the messages, but its word never arrives: they come twice rather than not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_before_the_confirms_arrive() {
    let queue = fresh_queue("confirms");
    let (proxy, transport) = behind_a_proxy().await;
    let publisher = publisher(&transport, settings(&queue)).await;
    until("it can publish", || publisher.is_connected()).await;
    proxy.hold_back(true);
    let mut confirmations = Confirmations::new();
    publisher.submit(confirmations.batch(0..50)).await.unwrap();
    let other = OtherProgram::start().await;
    while other.depth(&queue).await < 50 {
        tokio::task::yield_now().await;
    }
    assert_eq!(confirmations.so_far(), Vec::<String>::new());
    proxy.cut();
    proxy.hold_back(false);
    drain(&publisher).await;
    assert_eq!(confirmations.so_far(), ["batch0"]);
    assert_eq!(other.depth(&queue).await, 100);
    let mut consumer = consumer(&transport, &[&queue]);
    assert_complete_and_in_order(&receive(&mut consumer, 50).await, 0..50);
}

/// The connection ends in the middle of a delivery, with others here and undecided.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_while_messages_are_delivered() {
    let queue = fresh_queue("delivering");
    let publisher = publisher(&Transport::Amqp(config(shared())), settings(&queue)).await;
    let confirmations = Confirmations::new();
    publisher.submit(confirmations.large_batch(0..100)).await.unwrap();
    drain(&publisher).await;
    let (proxy, transport) = behind_a_proxy().await;
    proxy.cut_next_after_receiving(250_000);
    let mut consumer = consumer(&transport, &[&queue]);
    assert_complete_and_in_order(&receive(&mut consumer, 100).await, 0..100);
    consumer.close().await;
    assert_eq!(proxy.accepted(), 2);
    assert_eq!(OtherProgram::start().await.depth(&queue).await, 0);
}

/// A batch whose connection is gone cannot be settled any more; its messages come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_ticket_settles_nothing() {
    let queue = fresh_queue("stale");
    let publisher = publisher(&Transport::Amqp(config(shared())), settings(&queue)).await;
    publish(&publisher, &Confirmations::new(), 10).await;
    drain(&publisher).await;
    let (proxy, transport) = behind_a_proxy().await;
    let mut consumer = consumer(&transport, &[&queue]);
    let stale = next(&mut consumer, 10).await;
    proxy.cut();
    until("the cut is noticed", || !consumer.is_connected()).await;
    stale.ticket.settle(&[0]);
    let mut received = Vec::new();
    while received.len() < 10 {
        let delivered = next(&mut consumer, 10).await;
        assert!(delivered.deliveries.iter().all(|delivery| delivery.redelivered));
        received.extend(numbers(&delivered));
        delivered.ticket.settle(&[]);
    }
    assert_eq!(received, (0..10).collect::<Vec<_>>());
}
