//! Rows that are committed after rows with higher numbers.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use emap_ids::{NewRow, OpenGaps, Progress};
use emap_ids_reader::run::Stopped;

use crate::site::{Site, admission, instant, row, until};

const DAY: &str = "2026-03-01T00:00:00Z";
const SHORT: Duration = Duration::from_millis(100);
/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

fn site(gap_wait: Duration) -> Site {
    let mut site = Site::new();
    site.settings.gap_wait = gap_wait;
    site.settings.stop_when_drained = false;
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_comes_within_the_wait_is_sent_in_its_turn() {
    let mut site = site(LONG);
    site.store_as(1, instant(DAY));
    let running = site.start();
    site.until_saved(1).await;
    site.store_as(3, instant(DAY));
    site.store_as(5, instant(DAY));
    // To wait for a gap is no trouble.
    until("readiness", || running.health.is_ready()).await;
    tokio::time::sleep(site.settings.poll * 10).await;
    assert_eq!((site.depth(), site.progress().unwrap().unid), (1, 1));
    site.store_as(2, instant(DAY));
    site.until_saved(3).await;
    site.store_as(4, instant(DAY));
    site.until_saved(5).await;
    running.stop().await;
    assert_eq!(site.take(5).await, [1, 2, 3, 4, 5]);
    assert!(site.gaps().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_comes_later_is_sent_all_the_same() {
    let mut site = site(SHORT);
    site.store_as(1, instant(DAY));
    let running = site.start();
    site.until_saved(1).await;
    site.store_as(9, instant(DAY));
    site.until_saved(9).await;
    assert_eq!(site.gaps(), [(2, 8)]);
    site.store_as(5, instant(DAY));
    until("the late row", || site.depth() == 3).await;
    until("the rest of the gap", || site.gaps() == [(2, 4), (6, 8)]).await;
    assert_eq!(site.progress().unwrap().unid, 9);
    let summary = running.stop().await;
    assert_eq!((summary.rows, summary.last_unid), (3, Some(9)));
    assert_eq!(site.take(3).await, [1, 9, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_remembered_across_restarts() {
    let mut site = site(SHORT);
    site.store_as(1, instant(DAY));
    site.store_as(4, instant(DAY));
    let running = site.start();
    site.until_saved(4).await;
    running.stop().await;

    site.store_as(3, instant(DAY));
    let running = site.start();
    until("the late row", || site.depth() == 3).await;
    until("the rest of the gap", || site.gaps() == [(2, 2)]).await;
    running.stop().await;

    // Nothing is sent twice.
    let running = site.start();
    until("readiness", || running.health.is_ready()).await;
    running.stop().await;
    assert_eq!(site.take(3).await, [1, 4, 3]);
    assert_eq!(site.depth(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_row_that_is_no_message_is_a_reject_and_its_gap_is_closed() {
    let mut site = site(SHORT);
    site.store_as(1, instant(DAY));
    site.store_as(3, instant(DAY));
    let running = site.start();
    site.until_saved(3).await;
    site.store.append(&NewRow { unid: Some(2), ..row("nonsense", instant(DAY)) }).unwrap();
    until("the reject", || site.rejects().contains_key(&2)).await;
    until("the closed gap", || site.gaps().is_empty()).await;
    running.stop().await;
    assert_eq!(site.take(2).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_row_of_a_new_store_may_come_second() {
    let mut site = site(LONG);
    let running = site.start();
    site.store_as(2, Utc::now());
    tokio::time::sleep(site.settings.poll * 10).await;
    assert_eq!(site.depth(), 0);
    site.store_as(1, Utc::now());
    site.until_saved(2).await;
    running.stop().await;
    assert_eq!(site.take(2).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_long_before_the_start_is_not_waited_for() {
    let mut site = site(LONG);
    site.settings.stop_when_drained = true;
    for unid in [1, 3, 5_000_000, 5_000_002] {
        site.store_as(unid, instant(DAY));
    }
    let summary = site.run().await.unwrap();
    assert_eq!((summary.stopped, summary.published), (Stopped::Drained, 4));
    assert_eq!(site.gaps(), [(2, 2), (4, 4_999_999), (5_000_001, 5_000_001)]);
    // A reader that ends by itself looks again at its next start.
    site.store_as(4_000_000, instant(DAY));
    let summary = site.run().await.unwrap();
    assert_eq!((summary.stopped, summary.published), (Stopped::Drained, 1));
    assert_eq!(site.take(5).await, [1, 3, 5_000_000, 5_000_002, 4_000_000]);
    assert_eq!(site.progress().unwrap().unid, 5_000_002);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_begins_at_five_million_has_no_gap_before() {
    let mut site = site(LONG);
    site.settings.stop_when_drained = true;
    site.store_as(5_000_000, instant(DAY));
    let saved = Progress { unid: -1, message_datetime: None, processed_at: None };
    site.progress_store().save(&saved, &[]).unwrap();
    assert_eq!(site.run().await.unwrap().published, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_ends_by_itself_after_the_wait_for_its_last_gap() {
    let mut site = site(SHORT);
    site.settings.end = Some(instant("2199-01-01T00:00:00Z"));
    site.store_as(1, instant(DAY));
    let running = site.start();
    site.until_saved(1).await;
    site.store_as(4, instant("2199-01-01T00:00:00Z"));
    let summary = running.ended().await;
    assert_eq!((summary.stopped, summary.last_unid), (Stopped::EndOfWindow, Some(1)));

    // Rows that were waited for longer belong to the window.
    site.store_as(2, instant(DAY));
    site.settings.gap_wait = LONG;
    let running = site.start();
    site.until_saved(2).await;
    assert!(!running.task.is_finished(), "3 may still come");
    site.store_as(3, instant(DAY));
    let summary = running.ended().await;
    assert_eq!((summary.stopped, summary.last_unid), (Stopped::EndOfWindow, Some(3)));
    assert_eq!(site.take(3).await, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_gaps_than_are_remembered_stop_nothing() {
    let mut site = site(SHORT);
    site.settings.stop_when_drained = true;
    let most = i64::try_from(OpenGaps::MOST).unwrap();
    let skipped = admission(1).replace("ADT^A01", "SIU^S12");
    let stored_at = Utc::now() - TimeDelta::hours(1);
    let rows: Vec<NewRow> = (1..=most + 300)
        .map(|number| NewRow { unid: Some(2 * number), ..row(&skipped, stored_at) })
        .collect();
    site.store.append_batch(&rows).unwrap();
    let summary = site.run().await.unwrap();
    assert_eq!(summary.rows, rows.len() as u64);
    let gaps = site.gaps();
    // Number 1 is the first that is missing.
    assert_eq!(
        (gaps.len(), gaps[0], gaps.last().copied()),
        (OpenGaps::MOST, (601, 601), Some((20_599, 20_599)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_that_was_set_back_takes_the_gaps_behind_it_along() {
    let mut site = site(SHORT);
    site.settings.stop_when_drained = true;
    for unid in [1, 3, 6, 8] {
        site.store_as(unid, instant(DAY));
    }
    site.run().await.unwrap();
    assert_eq!(site.gaps(), [(2, 2), (4, 5), (7, 7)]);
    let set_back = Progress { unid: 4, message_datetime: None, processed_at: None };
    site.progress_store().save(&set_back, &[]).unwrap();
    site.store_as(5, instant(DAY));
    site.store_as(7, instant(DAY));
    site.run().await.unwrap();
    // 5 to 8 came in their turn; 4 is still missing.
    assert_eq!(site.take(8).await, [1, 3, 6, 8, 5, 6, 7, 8]);
    assert_eq!(site.gaps(), [(2, 2), (4, 4)]);
}
