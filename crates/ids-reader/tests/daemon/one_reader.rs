//! Two readers on one progress row: one works, the other waits.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    process::Processes,
    site::{Site, instant, take, until},
};

const DAY: &str = "2026-03-01T00:00:00Z";
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn the_second_waits_says_for_whom_and_takes_over() {
    let mut site = Site::new();
    let processes = Processes::new();
    let reader = processes.reader(&site);
    site.admissions(10, DAY);
    let mut first = processes.start(&reader, "first");
    assert!(first.wait_until_ready(PATIENCE), "{}", processes.log("first"));
    let second = processes.start(&reader, "second");
    let line = format!("another reader has the progress tables: ids-reader {} at ", first.id());
    until("the second to name the first", || processes.log("second").contains(&line)).await;
    let health = second.health().unwrap();
    assert!(health.status == 503 && health.body.contains(&line), "{health:?}");

    site.admissions(10, "2026-03-01T01:00:00Z");
    site.until_saved(20).await;
    assert!(!second.is_ready());
    let named = processes.log("second").lines().filter(|log| log.contains("another reader")).count();
    assert_eq!(named, 1, "{}", processes.log("second"));

    first.kill();
    until("the second to take over", || second.is_ready()).await;
    site.admissions(10, "2026-03-01T02:00:00Z");
    site.until_saved(30).await;
    // What the first had saved is not sent again.
    assert_eq!(take(processes.broker(), 30).await, (1..=30).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_waits_for_another_ends_when_it_is_asked() {
    let mut site = Site::new();
    let processes = Processes::new();
    let reader = processes.reader(&site);
    site.admissions(1, DAY);
    let mut first = processes.start(&reader, "first");
    assert!(first.wait_until_ready(PATIENCE), "{}", processes.log("first"));
    let mut second = processes.start(&reader, "second");
    until("the second to wait", || processes.log("second").contains("another reader has")).await;
    second.terminate();
    let status = second.wait(Duration::from_secs(30)).expect("it ends");
    assert_eq!(status.code(), Some(0), "{}", processes.log("second"));
    assert!(first.is_ready());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whose_session_ends_may_lose_its_place_but_no_row() {
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    let readers = [site.start(), site.start()];
    let mut unids = BTreeSet::from_iter(site.admissions(50, DAY));
    site.until_saved(50).await;
    for round in 1..=3_u32 {
        // Whoever is faster afterwards has the place; a reader that was overtaken begins anew.
        site.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        site.store.reconnect().unwrap();
        unids.extend(site.admissions(50, &format!("2026-03-0{}T00:00:00Z", round + 1)));
        site.until_saved(50 + 50 * i64::from(round)).await;
        until("one to work", || readers.iter().filter(|reader| reader.health.is_ready()).count() == 1).await;
        let is_waiting = |reason: String| reason.contains("another reader");
        until("the other to wait", || {
            readers.iter().filter_map(|reader| reader.reason("star")).any(is_waiting)
        })
        .await;
    }
    for reader in readers {
        reader.cancel.cancel();
        // The one that waits ends with the reason that it was stopped.
        let _ = reader.task.await.unwrap();
    }
    let taken = BTreeSet::from_iter(site.take(site.depth()).await);
    assert_eq!(taken, unids);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_was_replaced_while_it_was_cut_off_begins_anew() {
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    let reader = site.start();
    site.admissions(10, DAY);
    site.until_saved(10).await;
    // Another reader comes, works and ends before this one notices that its session is gone.
    site.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'ids-reader%'",
    );
    site.sql(
        "UPDATE star.etl_ids_progress SET last_processed_ids_unid = 1000, last_processing_datetime = now()",
    );
    site.admissions(10, "2026-03-02T00:00:00Z");
    until("the loss to show", || reader.reason("star").is_some()).await;
    until("readiness", || reader.health.is_ready()).await;
    assert_eq!(site.progress().unwrap().unid, 1000, "it goes on behind the other's position");
    site.store_as(1001, instant("2026-03-03T00:00:00Z"));
    site.until_saved(1001).await;
    reader.stop().await;
}
