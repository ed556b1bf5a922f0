//! RabbitMQ and PostgreSQL stopped and started under a running reader.

use std::{collections::BTreeSet, sync::Arc};

use emap_ids_reader::run::{RunSummary, run};
use emap_local_services::{postgres, rabbitmq};
use emap_queue::{BrokerConfig, Transport};
use emap_service::{CancellationToken, Health, Runtime};
use tokio::task::JoinHandle;

use crate::site::{Site, take_while, until};

const MESSAGES: u32 = 3000;

fn over(server: &rabbitmq::Server) -> Transport {
    let (host, port) = (server.host().to_owned(), server.port());
    Transport::Amqp(BrokerConfig { host, port, ..BrokerConfig::default() })
}

fn start(
    site: &Site,
    transport: Transport,
    health: &Health,
    cancel: &CancellationToken,
) -> JoinHandle<RunSummary> {
    let runtime = Runtime { transport, cancel: cancel.clone(), health: health.clone() };
    let settings = site.settings.clone();
    tokio::spawn(async move { run(settings, runtime, |_| {}).await.unwrap() })
}

async fn blocking(work: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(work).await.unwrap();
}

/// Takes what is on the queue until every row has been there; some may be there twice.
async fn assert_nothing_lost(taken: Vec<i64>, transport: Transport) {
    let mut missing: BTreeSet<i64> = (1..=i64::from(MESSAGES)).collect();
    missing.retain(|row| !taken.contains(row));
    take_while(transport, |taken| {
        for row in taken {
            missing.remove(&row);
        }
        missing.len()
    })
    .await;
    assert!(missing.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_restart_in_mid_run_loses_nothing() {
    let server = Arc::new(rabbitmq::Server::start(rabbitmq::Options::default()).unwrap());
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    site.settings.publishing.max_in_transit = 50;
    site.admissions(MESSAGES / 2, "2026-03-01T00:00:00Z");
    let (health, cancel) = (Health::new(), CancellationToken::new());
    let running = start(&site, over(&server), &health, &cancel);
    until("some progress", || site.progress().is_some_and(|progress| progress.unid > 0)).await;

    let stopped = Arc::clone(&server);
    blocking(move || stopped.crash().unwrap()).await;
    until("the loss to show", || !health.is_ready()).await;
    site.admissions(MESSAGES / 2, "2026-03-02T12:00:00Z");
    let started = Arc::clone(&server);
    blocking(move || started.start_again().unwrap()).await;

    until("all of it", || site.progress().is_some_and(|progress| progress.unid == i64::from(MESSAGES))).await;
    until("readiness", || health.is_ready()).await;
    cancel.cancel();
    running.await.unwrap();
    assert_nothing_lost(Vec::new(), over(&server)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_restart_in_mid_run_loses_nothing() {
    let server = Arc::new(postgres::Server::start(postgres::Options::default()).unwrap());
    server.create_database("store").unwrap();
    let mut site = Site::at(server.database_url("store"));
    site.settings.stop_when_drained = false;
    site.settings.block.rows = 20;
    site.settings.batch_rows = 5;
    site.admissions(MESSAGES, "2026-03-01T00:00:00Z");
    // A short queue keeps the reader in the middle of its rows while the database goes away.
    site.broker.declare(emap_interchange::queues::HL7_QUEUE, 100);
    let (health, cancel) = (Health::new(), CancellationToken::new());
    let running = start(&site, site.transport(), &health, &cancel);
    until("a full queue", || site.depth() >= 100).await;

    let stopped = Arc::clone(&server);
    blocking(move || stopped.crash().unwrap()).await;
    let mut taken = site.take(100).await;
    until("the loss to show", || !health.is_ready()).await;
    let started = Arc::clone(&server);
    blocking(move || started.start_again().unwrap()).await;

    while taken.len() < MESSAGES as usize {
        taken.extend(site.take(100).await);
    }
    until("progress", || site.progress().is_some_and(|progress| progress.unid == i64::from(MESSAGES))).await;
    until("readiness", || health.is_ready()).await;
    cancel.cancel();
    running.await.unwrap();
    assert_nothing_lost(taken, site.transport()).await;
}
