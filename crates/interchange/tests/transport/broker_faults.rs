//! A broker that goes away and comes back: nothing is lost, and what comes twice comes in order.

use crate::proxy::Proxy;
use crate::support::{
    Confirmations, config, consumer, drain, first_occurrences, fresh_queue, next, numbers, publish, receive,
    settings, until,
};
use emap_interchange::{BrokerConfig, Publisher, Transport};
use emap_local_services::rabbitmq::{Options, Server, shared};
use std::sync::Arc;
use std::time::Duration;

const COUNT: usize = 20_000;

/// Publishes and consumes `COUNT` messages while `disturb` runs; gives what was received.
async fn transfer(transport: Transport, disturb: impl Future<Output = ()>) -> Vec<usize> {
    let queue = fresh_queue("faults");
    let publisher = Arc::new(Publisher::start(transport.clone(), settings(&queue)));
    let mut consumer = consumer(&transport, &[&queue]);
    let sending = Arc::clone(&publisher);
    let sender = tokio::spawn(async move {
        let mut confirmations = Confirmations::new();
        let ids = publish(&sending, &confirmations, COUNT).await;
        drain(&sending).await;
        assert_eq!(confirmations.so_far(), ids);
    });
    let receiver = tokio::spawn(async move { receive(&mut consumer, COUNT).await });
    disturb.await;
    sender.await.unwrap();
    receiver.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_broker_loses_nothing() {
    let server = Arc::new(Server::start(Options::default()).unwrap());
    let transport = Transport::Amqp(config(&server));
    let restarts = async {
        for crash in [false, true] {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let server = Arc::clone(&server);
            let restart = move || {
                if crash {
                    server.crash().unwrap();
                } else {
                    server.stop().unwrap();
                }
                server.start_again().unwrap();
            };
            tokio::task::spawn_blocking(restart).await.unwrap();
        }
    };
    let received = transfer(transport, restarts).await;
    assert_eq!(first_occurrences(&received).len(), COUNT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_lose_nothing_and_keep_the_order() {
    let proxy = Proxy::start(shared().port()).await;
    let transport = Transport::Amqp(BrokerConfig { port: proxy.port(), ..config(shared()) });
    let cuts = async {
        for pause in [100, 400, 700, 1100] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            proxy.cut();
        }
    };
    let received = transfer(transport, cuts).await;
    assert_eq!(first_occurrences(&received), (0..COUNT).collect::<Vec<_>>());
}

/// A batch whose connection is gone cannot be settled any more; its messages come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_ticket_settles_nothing() {
    let proxy = Proxy::start(shared().port()).await;
    let queue = fresh_queue("stale");
    let publisher = Publisher::start(Transport::Amqp(config(shared())), settings(&queue));
    publish(&publisher, &Confirmations::new(), 10).await;
    drain(&publisher).await;
    let transport = Transport::Amqp(BrokerConfig { port: proxy.port(), ..config(shared()) });
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
