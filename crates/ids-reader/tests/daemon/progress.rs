//! Progress never passes what is not confirmed, and a crash loses nothing.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use emap_ids::NewRow;
use emap_ids_reader::run::{RunProgress, Stopped, run};
use emap_interchange::queues;
use emap_service::Runtime;

use crate::site::{Site, admission, instant, row, until};

const DAY: &str = "2026-03-01T00:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn order_on_the_queue_is_order_in_the_store() {
    let mut site = Site::new();
    let unids = site.admissions(2500, DAY);
    site.settings.block.rows = 400;
    let summary = site.run().await.unwrap();
    assert_eq!(
        (summary.stopped, summary.rows, summary.messages, summary.published),
        (Stopped::Drained, 2500, 2500, 2500)
    );
    assert_eq!(site.progress().unwrap().unid, 2500);
    assert_eq!(site.take(2500).await, unids);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_waits_for_the_confirm() {
    let mut site = Site::new();
    site.broker.declare(queues::HL7_QUEUE, 10);
    site.admissions(30, DAY);
    site.settings.batch_rows = 3;
    site.settings.publishing.max_in_transit = 4;
    let running = tokio::spawn(run(site.settings.clone(), Runtime::new(site.transport()), |_| {}));
    until("a full queue", || site.depth() == 10).await;
    until("progress", || site.progress().is_some_and(|progress| progress.unid >= 9)).await;
    tokio::time::sleep(site.settings.save_interval * 5).await;
    // Row 10 is confirmed, but it shares its batch with rows that are not.
    assert_eq!(site.progress().unwrap().unid, 9);
    let first = site.take(12).await;
    until("more progress", || site.progress().unwrap().unid > 9).await;
    // What counts as confirmed is on the queue if it was not taken: what was fetched ahead comes back to it.
    let confirmed = usize::try_from(site.progress().unwrap().unid).unwrap();
    until("the confirmed messages", || first.len() + site.depth() >= confirmed).await;
    let rest = site.take(18).await;
    running.await.unwrap().unwrap();
    assert_eq!(site.progress().unwrap().unid, 30);
    let all: BTreeSet<i64> = first.into_iter().chain(rest).collect();
    assert_eq!(all, (1..=30).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_messages_count_when_all_before_them_is_confirmed() {
    let mut site = Site::new();
    site.broker.declare(queues::HL7_QUEUE, 1);
    let at = instant(DAY);
    let nothing = admission(9).replace("ADT^A01", "SIU^S12");
    site.store
        .append_batch(&[row(&nothing, at), row(&admission(2), at), row(&admission(3), at), row(&nothing, at)])
        .unwrap();
    site.settings.batch_rows = 1;
    let running = tokio::spawn(run(site.settings.clone(), Runtime::new(site.transport()), |_| {}));
    until("the first two", || site.progress().is_some_and(|progress| progress.unid == 2)).await;
    tokio::time::sleep(site.settings.save_interval * 5).await;
    assert_eq!(site.progress().unwrap().unid, 2);
    site.take(2).await;
    let summary = running.await.unwrap().unwrap();
    assert_eq!(site.progress().unwrap().unid, 4);
    assert_eq!(summary.skipped.values().sum::<u64>(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_nothing_is_missing_and_only_the_unsaved_comes_twice() {
    let mut site = Site::new();
    let unids = site.admissions(600, DAY);
    site.settings.batch_rows = 10;
    site.settings.block.rows = 50;
    site.broker.declare(queues::HL7_QUEUE, 250);
    let (mut seen, mut twice) = (Vec::new(), 0);
    for _ in 0..3 {
        // A runtime of its own: when it is dropped, everything the reader does ends at once, as in a crash.
        let life = tokio::runtime::Runtime::new().unwrap();
        life.spawn(run(site.settings.clone(), Runtime::new(site.transport()), |_| {}));
        until("a full queue", || site.depth() >= 150).await;
        tokio::task::spawn_blocking(move || drop(life)).await.unwrap();
        let saved = site.progress().map_or(0, |progress| progress.unid);
        let taken = site.take(site.depth()).await;
        twice += usize::try_from(*taken.iter().max().unwrap() - saved).unwrap();
        seen.extend(taken);
    }
    let running = tokio::spawn(run(site.settings.clone(), Runtime::new(site.transport()), |_| {}));
    while !running.is_finished() {
        seen.extend(site.take(site.depth()).await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.await.unwrap().unwrap();
    seen.extend(site.take(site.depth()).await);
    let distinct: BTreeSet<i64> = seen.iter().copied().collect();
    assert_eq!(distinct, unids.iter().copied().collect());
    assert!(
        seen.len() <= unids.len() + twice,
        "{} of {} came again, {twice} expected",
        seen.len(),
        unids.len()
    );
    assert_eq!(site.progress().unwrap().unid, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_drains_saves_and_tells() {
    let mut site = Site::new();
    site.admissions(40, DAY);
    site.settings.stop_when_drained = false;
    let runtime = Runtime::new(site.transport());
    let cancel = runtime.cancel.clone();
    let reported: Arc<Mutex<Vec<RunProgress>>> = Arc::default();
    let keep = Arc::clone(&reported);
    let on_progress = move |progress: &RunProgress| keep.lock().unwrap().push(*progress);
    let running = tokio::spawn(run(site.settings.clone(), runtime, on_progress));
    until("forty messages", || site.depth() == 40).await;
    cancel.cancel();
    let summary = running.await.unwrap().unwrap();
    assert_eq!((summary.stopped, summary.last_unid), (Stopped::Asked, Some(40)));
    assert_eq!(site.progress().unwrap().unid, 40);
    assert_eq!(reported.lock().unwrap().last().unwrap().published, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_does_not_wait_for_ever_for_confirms() {
    let mut site = Site::new();
    site.broker.declare(queues::HL7_QUEUE, 5);
    site.admissions(40, DAY);
    site.settings.batch_rows = 5;
    site.settings.drain_limit = Duration::from_millis(50);
    let runtime = Runtime::new(site.transport());
    let cancel = runtime.cancel.clone();
    let running = tokio::spawn(run(site.settings.clone(), runtime, |_| {}));
    until("a full queue", || site.depth() == 5).await;
    cancel.cancel();
    let summary = running.await.unwrap().unwrap();
    assert_eq!((summary.stopped, summary.last_unid), (Stopped::Asked, Some(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_ends_the_start() {
    let mut site = Site::new();
    site.settings.start_limit = Duration::ZERO;
    let mut elsewhere = site.settings.clone();
    elsewhere.ids.schema = "nowhere".to_owned();
    let start = |settings| run(settings, Runtime::new(site.transport()), |_| {});
    let error = start(elsewhere).await.unwrap_err().to_string();
    assert!(error.contains("nowhere.tbl_ids_master"), "{error}");
    let mut no_server = site.settings.clone();
    no_server.uds = emap_service::DatabaseSettings::from_url("postgresql://127.0.0.1:1/x", "star").unwrap();
    let error = start(no_server).await.unwrap_err().to_string();
    assert!(error.starts_with("progress tables: database not reachable"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_may_hold_gaps_and_messages_without_times() {
    let mut site = Site::new();
    let numbered = |unid: i64| NewRow { unid: Some(unid), ..row(&admission(1), instant(DAY)) };
    site.settings.gap_wait = Duration::from_millis(100);
    let timeless = NewRow { persist_datetime: None, message_datetime: None, ..numbered(2_000_000_000) };
    site.store.append_batch(&[numbered(7), numbered(900_000), timeless]).unwrap();
    site.run().await.unwrap();
    assert_eq!(site.take(3).await, [7, 900_000, 2_000_000_000]);
    assert_eq!(site.progress().unwrap().message_datetime, None);
}
