//! A reader that is asked to end does so in time, whatever it waits for.

use std::time::{Duration, Instant};

use emap_ids_reader::ReaderSettings;
use emap_interchange::queues;
use emap_local_services::postgres;
use emap_test_support::faults::{
    postgres::{Action, Fault, Filter, Proxy},
    server::postgres::Database,
};

use crate::{
    process::Processes,
    site::{Site, until},
};

const DAY: &str = "2026-03-01T00:00:00Z";
/// What is promised, whatever the reader waits for.
const PROMISED: Duration = Duration::from_secs(30);

#[test]
fn the_parts_of_the_way_out_fit_into_the_promised_time() {
    let settings =
        ReaderSettings::between(("postgresql://h/x", "ids"), ("postgresql://h/x", "star")).unwrap();
    let rest = Duration::from_secs(10);
    assert!(settings.drain_limit + emap_feed::LAST_SAVE_LIMIT + rest <= PROMISED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_is_saved_on_the_way_out_though_the_queue_is_full() {
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    // Nothing is saved before the end.
    site.settings.save_interval = Duration::from_secs(3600);
    site.settings.drain_limit = Duration::from_millis(100);
    site.settings.batch_rows = 1;
    site.broker.declare(queues::HL7_QUEUE, 5);
    site.admissions(40, DAY);
    let running = site.start();
    until("a full queue", || site.depth() == 5).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let summary = running.stop().await;
    assert_eq!((summary.last_unid, site.progress().unwrap().unid), (Some(5), 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_hang_are_given_up() {
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    site.admissions(3, DAY);
    let running = site.start();
    site.until_saved(3).await;
    let locked =
        Database::new(&site.url, site.database()).locked("star.etl_ids_progress, ids.tbl_ids_master");
    let asked = Instant::now();
    let summary = running.stop().await;
    assert!(asked.elapsed() < PROMISED, "{:?}", asked.elapsed());
    assert_eq!(summary.last_unid, Some(3));
    locked.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_with_zero_while_its_queue_is_full() {
    let mut site = Site::new();
    let processes = Processes::new();
    let reader = processes
        .reader(&site)
        .environment("RABBITMQ_QUEUE_LENGTH", "5")
        .environment("IDS_READER_DRAIN_SECONDS", "0.5")
        .environment("IDS_READER_BATCH_ROWS", "1");
    site.admissions(20, DAY);
    let mut reader = processes.start(&reader, "reader");
    site.until_saved(5).await;
    reader.terminate();
    let status = reader.wait(PROMISED).expect("it ends");
    assert_eq!(status.code(), Some(0), "{}", processes.log("reader"));
    assert_eq!(site.progress().unwrap().unid, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_with_zero_while_its_databases_hang() {
    let mut site = Site::new();
    let processes = Processes::new();
    let reader = processes.reader(&site).environment("STOP_SECONDS", "0.5");
    site.admissions(3, DAY);
    let mut reader = processes.start(&reader, "reader");
    site.until_saved(3).await;
    let locked =
        Database::new(&site.url, site.database()).locked("star.etl_ids_progress, ids.tbl_ids_master");
    // Until both have a statement that waits.
    until("the lock to be met", || site.waiting_for_locks() > 0).await;
    reader.terminate();
    let status = reader.wait(PROMISED).expect("it ends");
    assert_eq!(status.code(), Some(0), "{}", processes.log("reader"));
    locked.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_ends_with_zero_while_a_database_is_silent_at_its_start() {
    let site = Site::new();
    let processes = Processes::new();
    let proxy = Proxy::start(([127, 0, 0, 1], postgres::shared().port()).into()).unwrap();
    let silent = format!("jdbc:{}", site.url_through(&proxy));
    for (variable, statement) in
        [("IDS_JDBC_URL", "SELECT a.attname"), ("UDS_JDBC_URL", "SELECT pg_try_advisory_lock")]
    {
        proxy.arm(Fault::at_client(Filter::statement(statement), Action::Silence));
        let seen = proxy.seen().len();
        let reader =
            processes.reader(&site).environment(variable, &silent).environment("STOP_SECONDS", "0.5");
        let mut reader = processes.start(&reader, variable);
        until("the silence", || proxy.seen().len() > seen).await;
        reader.terminate();
        let status = reader.wait(PROMISED).expect("it ends");
        assert_eq!(status.code(), Some(0), "{}", processes.log(variable));
    }
}
