//! When the reader says that it is ready, and when not.

use std::time::Duration;

use emap_interchange::queues;
use emap_local_services::{postgres, rabbitmq};
use emap_queue::{BrokerConfig, Transport};
use emap_service::{CancellationToken, Health, Runtime};
use emap_test_support::faults::server::{postgres::Database, rabbitmq::memory_alarm};

use crate::{
    process::Processes,
    site::{Site, until},
};

const DAY: &str = "2026-03-01T00:00:00Z";
const SOON: Duration = Duration::from_millis(500);

fn faults(site: &Site) -> Database {
    Database::new(&site.url, site.database())
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_that_hangs_takes_readiness_away_until_it_is_saved() {
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    site.settings.stall_limit = SOON;
    site.admissions(3, DAY);
    let running = site.start();
    site.until_saved(3).await;
    until("readiness", || running.health.is_ready()).await;
    let locked = faults(&site).locked("star.etl_ids_progress");
    site.admissions(3, "2026-03-02T00:00:00Z");
    until("the loss of readiness", || !running.health.is_ready()).await;
    let reason = running.reason("progress").unwrap_or_default();
    assert!(reason.ends_with("progress is not saved"), "{}", running.health.to_json());
    locked.end();
    until("readiness", || running.health.is_ready()).await;
    assert_eq!(site.progress().unwrap().unid, 6);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_store_that_hangs_takes_readiness_away_until_it_answers() {
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    site.settings.stall_limit = SOON;
    let running = site.start();
    until("readiness", || running.health.is_ready()).await;
    let locked = faults(&site).locked("ids.tbl_ids_master");
    until("the loss of readiness", || !running.health.is_ready()).await;
    let reason = running.reason("progress").unwrap_or_default();
    assert!(reason.ends_with("the source does not answer"), "{}", running.health.to_json());
    locked.end();
    until("readiness", || running.health.is_ready()).await;
    site.admissions(3, DAY);
    site.until_saved(3).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_shown_by_metrics_that_move_and_is_no_reason_to_be_down() {
    let mut site = Site::new();
    let processes = Processes::new();
    let reader = processes.reader(&site).environment("RABBITMQ_QUEUE_LENGTH", "5");
    site.admissions(20, DAY);
    let reader = processes.start(&reader, "reader");
    let value = |series: &str| reader.metrics().and_then(|metrics| metrics.value(series));
    let held_back = format!("emap_publisher_held_back{{queue=\"{}\"}}", queues::HL7_QUEUE);
    until("the queue to be full", || value(&held_back) == Some(1.0)).await;
    until("readiness", || reader.is_ready()).await;
    // All rows are read ahead. More of them are read only when there is room.
    site.admissions(60_000, "2026-03-02T00:00:00Z");
    until("rows to wait", || value("emap_reader_rows_behind").is_some_and(|rows| rows > 100.0)).await;
    // Until the reader has read ahead as far as it does, the number falls.
    let mut before = value("emap_reader_rows_behind").unwrap();
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = value("emap_reader_rows_behind").unwrap();
        if now.to_bits() == before.to_bits() {
            break;
        }
        before = now;
    }
    site.admissions(777, "2026-04-30T00:00:00Z");
    until("more rows to wait", || value("emap_reader_rows_behind").is_some_and(|rows| rows > before)).await;
    assert!(value("emap_reader_seconds_behind").is_some_and(|seconds| seconds > 0.0));
    assert!(reader.is_ready());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_short_of_memory_is_no_reason_to_be_down() {
    let server = rabbitmq::Server::start(rabbitmq::Options::default()).unwrap();
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    site.settings.stall_limit = 3 * SOON;
    let broker =
        BrokerConfig { host: server.host().to_owned(), port: server.port(), ..BrokerConfig::default() };
    let (health, cancel) = (Health::new(), CancellationToken::new());
    let runtime =
        Runtime { transport: Transport::Amqp(broker), cancel: cancel.clone(), health: health.clone() };
    let running = tokio::spawn(emap_ids_reader::run::run(site.settings.clone(), runtime, |_| {}));
    site.admissions(3, DAY);
    site.until_saved(3).await;
    until("readiness", || health.is_ready()).await;
    let alarm = memory_alarm(&server);
    site.admissions(3, "2026-03-02T00:00:00Z");
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(health.is_ready(), "{}", health.to_json());
    }
    assert_eq!(site.progress().unwrap().unid, 3);
    alarm.end();
    site.until_saved(6).await;
    cancel.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_of_progress_is_not_ready_for_want_of_a_first_save() {
    use emap_test_support::faults::postgres::{Action, Fault, Filter, Proxy};
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    drop(site.progress_store());
    site.admissions(5, DAY);
    let proxy = Proxy::start(([127, 0, 0, 1], postgres::shared().port()).into()).unwrap();
    site.settings.uds = emap_service::DatabaseSettings::from_url(&site.url_through(&proxy), "star").unwrap();
    proxy.arm(Fault::at_client(Filter::statement("INSERT INTO etl_ids_progress"), Action::Silence));
    let running = site.start();
    until("the messages", || site.depth() == 5).await;
    until("every other part", || ["ids", "star", "broker"].iter().all(|part| running.reason(part).is_none()))
        .await;
    tokio::time::sleep(2 * SOON).await;
    assert!(!running.health.is_ready());
    assert!(site.progress().is_none());
    // Everything that is stuck is let go.
    drop(proxy);
    running.task.abort();
}
