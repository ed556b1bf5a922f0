//! A server that is up but refuses is waited for; no row is to blame for it.

use std::time::Duration;

use emap_ids_reader::run::run;
use emap_service::{CancellationToken, Health, Runtime, health::State};

use crate::site::{Site, until};

const DAY: &str = "2026-03-01T00:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_progress_tables_rejects_no_row() {
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    drop(site.progress_store());
    site.sql(
        "CREATE FUNCTION star.no_space() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$;
         CREATE TRIGGER disk_full BEFORE INSERT ON star.etl_ids_progress EXECUTE FUNCTION star.no_space()",
    );
    let unids = site.admissions(20, DAY);
    let (health, cancel) = (Health::new(), CancellationToken::new());
    let runtime = Runtime { transport: site.transport(), cancel: cancel.clone(), health: health.clone() };
    let running = tokio::spawn(run(site.settings.clone(), runtime, |_| {}));
    let mut was_ready = false;
    until("the refusal to show", || {
        was_ready |= health.is_ready();
        matches!(health.snapshot().get("star"), Some(State::Down(reason)) if reason.contains("no space"))
    })
    .await;
    assert!(!was_ready, "everything was connected, but nothing was saved");
    until("all messages", || site.depth() == 20).await;
    assert!(site.progress().is_none());

    site.sql("DROP TRIGGER disk_full ON star.etl_ids_progress");
    until("progress", || site.progress().is_some_and(|progress| progress.unid == 20)).await;
    until("readiness", || health.is_ready()).await;
    cancel.cancel();
    running.await.unwrap().unwrap();
    assert!(site.rejects().is_empty());
    assert_eq!(site.take(20).await, unids);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_store_that_refuses_in_mid_run_rejects_no_row() {
    let mut site = Site::new();
    site.settings.stop_when_drained = false;
    let mut unids = site.admissions(5, DAY);
    let (health, cancel) = (Health::new(), CancellationToken::new());
    let runtime = Runtime { transport: site.transport(), cancel: cancel.clone(), health: health.clone() };
    let running = tokio::spawn(run(site.settings.clone(), runtime, |_| {}));
    until("progress", || site.progress().is_some_and(|progress| progress.unid == 5)).await;

    site.sql("ALTER TABLE ids.tbl_ids_master RENAME TO moved_away");
    until("the refusal to show", || !health.is_ready()).await;
    site.sql("ALTER TABLE ids.moved_away RENAME TO tbl_ids_master");
    unids.extend(site.admissions(5, "2026-03-02T00:00:00Z"));
    until("the rest", || site.progress().is_some_and(|progress| progress.unid == 10)).await;
    until("readiness", || health.is_ready()).await;
    cancel.cancel();
    running.await.unwrap().unwrap();
    assert!(site.rejects().is_empty());
    assert_eq!(site.take(10).await, unids);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_start_a_refusal_is_waited_for_within_the_limit() {
    let mut site = Site::new();
    drop(site.progress_store());
    site.admissions(3, DAY);
    site.sql("ALTER TABLE star.etl_ids_progress RENAME TO moved_away");
    site.settings.start_limit = Duration::from_millis(300);
    let error = site.run().await.unwrap_err();
    assert!(error.to_string().starts_with("progress tables: "), "{error}");

    site.settings.start_limit = Duration::from_secs(60);
    let running = tokio::spawn(run(site.settings.clone(), Runtime::new(site.transport()), |_| {}));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!running.is_finished());
    site.sql("ALTER TABLE star.moved_away RENAME TO etl_ids_progress");
    running.await.unwrap().unwrap();
    assert_eq!(site.progress().unwrap().unid, 3);
}
