//! Which rows a reader takes: start, end, ties, disorder, waiting.

use emap_ids::{NewRow, Progress};
use emap_ids_reader::run::Stopped;

use crate::site::{Site, admission, instant, row, until};

const DAY: &str = "2026-03-01T00:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn the_first_row_of_the_window_is_read_and_the_row_at_its_end_is_not() {
    let mut site = Site::new();
    site.admissions(10, DAY);
    site.settings.default_start = instant("2026-03-01T00:03:00Z");
    site.settings.end = Some(instant("2026-03-01T00:07:00Z"));
    let summary = site.run().await.unwrap();
    assert_eq!(summary.stopped, Stopped::EndOfWindow);
    assert_eq!((summary.rows, summary.published, summary.last_unid), (4, 4, Some(7)));
    assert_eq!(site.take(4).await, [4, 5, 6, 7]);
    let progress = site.progress().unwrap();
    assert_eq!((progress.unid, progress.message_datetime), (7, Some(instant("2026-03-01T00:05:57Z"))));
    assert!(progress.processed_at.is_some());

    let again = site.run().await.unwrap();
    assert_eq!((again.stopped, again.rows), (Stopped::EndOfWindow, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_times_out_of_order_nothing_of_the_window_is_left_out() {
    let mut site = Site::new();
    let times = ["01:00", "05:00", "03:00", "03:00", "04:00", "09:00", "06:00", "06:00", "07:00"];
    let rows = (0..)
        .zip(times)
        .map(|(number, time)| row(&admission(number), instant(&format!("2026-03-01T{time}:00Z"))));
    site.store.append_batch(&rows.collect::<Vec<NewRow>>()).unwrap();
    site.settings.default_start = instant("2026-03-01T02:00:00Z");
    site.settings.end = Some(instant("2026-03-01T05:30:00Z"));
    // Row 2 is the lowest at or after 02:00; row 7 has the earliest time at or after 05:30, and the lower number of two.
    let summary = site.run().await.unwrap();
    assert_eq!(summary.stopped, Stopped::EndOfWindow);
    assert_eq!(site.take(5).await, [2, 3, 4, 5, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_before_the_start_ends_at_once() {
    let mut site = Site::new();
    let rows = [row(&admission(1), instant("2026-03-02T00:00:00Z")), row(&admission(2), instant(DAY))];
    site.store.append_batch(&rows).unwrap();
    site.settings.default_start = instant(DAY);
    site.settings.end = Some(instant("2026-03-01T12:00:00Z"));
    let summary = site.run().await.unwrap();
    assert_eq!((summary.stopped, summary.rows), (Stopped::EndOfWindow, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_without_rows_is_waited_for_and_never_becomes_the_whole_store() {
    let mut site = Site::new();
    site.admissions(3, DAY);
    site.settings.default_start = instant("2026-03-05T00:00:00Z");
    site.settings.end = Some(instant("2200-01-01T00:00:00Z"));
    site.settings.stop_when_drained = false;
    let running = start(&site);
    tokio::time::sleep(site.settings.poll * 5).await;
    assert_eq!((site.depth(), running.is_finished()), (0, false));
    site.admissions(2, "2026-03-05T08:00:00Z");
    until("two messages", || site.depth() == 2).await;
    // The first row beyond the end ends the window.
    site.admissions(1, "2200-01-01T00:00:00Z");
    let summary = running.await.unwrap().unwrap();
    assert_eq!((summary.stopped, summary.last_unid), (Stopped::EndOfWindow, Some(5)));
    assert_eq!(site.take(2).await, [4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_has_passed_ends_when_the_store_is_drained() {
    let mut site = Site::new();
    site.admissions(3, DAY);
    site.settings.end = Some(instant("2026-03-05T00:00:00Z"));
    site.settings.stop_when_drained = false;
    let summary = site.run().await.unwrap();
    assert_eq!((summary.stopped, summary.published), (Stopped::EndOfWindow, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_arriving_while_it_runs_stop_at_the_end_too() {
    let mut site = Site::new();
    site.admissions(2, DAY);
    site.settings.end = Some(instant("2199-01-01T00:02:00Z"));
    site.settings.stop_when_drained = false;
    let running = start(&site);
    until("two messages", || site.depth() == 2).await;
    site.admissions(5, "2199-01-01T00:00:00Z");
    let summary = running.await.unwrap().unwrap();
    assert_eq!(summary.stopped, Stopped::EndOfWindow);
    assert_eq!(site.take(4).await, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_progress_decides_where_it_goes_on() {
    let mut site = Site::new();
    site.admissions(6, DAY);
    let saved = Progress { unid: 4, message_datetime: None, processed_at: None };
    site.progress_store().save(&saved, &[]).unwrap();
    site.settings.default_start = instant("2026-03-05T00:00:00Z");
    site.run().await.unwrap();
    assert_eq!(site.take(2).await, [5, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_note_before_their_first_message_is_no_progress() {
    let mut site = Site::new();
    site.admissions(6, DAY);
    site.settings.default_start = instant("2026-03-01T00:03:00Z");
    let nothing_yet = Progress { unid: -1, message_datetime: None, processed_at: None };
    site.progress_store().save(&nothing_yet, &[]).unwrap();
    let summary = site.run().await.unwrap();
    assert_eq!((summary.rows, summary.last_unid), (3, Some(6)));
    assert_eq!(site.take(3).await, [4, 5, 6]);
}

fn start(
    site: &Site,
) -> tokio::task::JoinHandle<Result<emap_ids_reader::run::RunSummary, emap_ids_reader::run::RunError>> {
    let runtime = emap_service::Runtime::new(site.transport());
    tokio::spawn(emap_ids_reader::run::run(site.settings.clone(), runtime, |_| {}))
}
