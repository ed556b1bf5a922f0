//! Progress and rejects: created when missing, saved together.

use emap_ids::{Progress, ProgressStore, Reject};
use emap_local_services::postgres;

use crate::common::{at, fresh_database};

fn reject(unid: i64, reason: &str) -> Reject {
    Reject {
        unid,
        message_type: Some("ADT".to_owned()),
        trigger_event: None,
        sender: Some("EPIC".to_owned()),
        reason: reason.to_owned(),
        rejected_at: at("2026-03-01T12:00:00Z"),
        partial: false,
    }
}

fn position(unid: i64) -> Progress {
    Progress {
        unid,
        message_datetime: Some(at("2026-03-01T11:00:00Z")),
        processed_at: Some(at("2026-03-01T12:00:00Z")),
    }
}

#[test]
fn nothing_at_first_then_what_was_saved() {
    let (_, url) = fresh_database();
    let mut store = ProgressStore::connect(&url, "star").unwrap();
    assert_eq!(store.load().unwrap(), None);
    store.save(&position(4), &[]).unwrap();
    let later = Progress { unid: 9, message_datetime: None, processed_at: None };
    store.save(&later, &[]).unwrap();
    assert_eq!(ProgressStore::connect(&url, "star").unwrap().load().unwrap(), Some(later));
}

#[test]
fn a_table_of_an_older_form_gets_what_it_lacks() {
    let (database, url) = fresh_database();
    let server = postgres::shared();
    let old = "CREATE SCHEMA star;
               CREATE TABLE star.etl_ids_progress (id integer PRIMARY KEY, last_processed_ids_unid integer NOT NULL);
               INSERT INTO star.etl_ids_progress VALUES (0, 17);
               CREATE TABLE star.etl_ids_reject (unid bigint PRIMARY KEY, reason text)";
    server.query(&database, old).unwrap();
    let mut store = ProgressStore::connect(&url, "star").unwrap();
    assert_eq!(
        store.load().unwrap(),
        Some(Progress { unid: 17, message_datetime: None, processed_at: None })
    );
    store.save(&position(18), &[reject(18, "no MSH")]).unwrap();
    assert_eq!(store.load().unwrap(), Some(position(18)));
    assert_eq!(store.open_rejects(0, 10).unwrap(), [reject(18, "no MSH")]);
}

#[test]
fn rejects_are_recorded_once_and_closed_when_published() {
    let (_, url) = fresh_database();
    let mut store = ProgressStore::connect(&url, "star").unwrap();
    store
        .record_rejects(&[reject(3, "first look"), reject(5, "NUL \0 inside"), reject(3, "second look")])
        .unwrap();
    store.save(&position(5), &[reject(3, "third look")]).unwrap();
    let reasons = |store: &mut ProgressStore, after| {
        let open = store.open_rejects(after, 10).unwrap();
        open.into_iter().map(|one| (one.unid, one.reason)).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&mut store, 0), [(3, "third look".to_owned()), (5, "NUL \u{FFFD} inside".to_owned())]);
    assert_eq!(reasons(&mut store, 3).len(), 1);
    store.mark_replayed(&[3], at("2026-03-02T00:00:00Z")).unwrap();
    assert_eq!(reasons(&mut store, 0).len(), 1);
    store.record_rejects(&[reject(3, "again")]).unwrap();
    assert_eq!(reasons(&mut store, 0).len(), 2);
}

#[test]
fn two_programs_may_create_the_tables_at_once() {
    let (_, url) = fresh_database();
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || ProgressStore::connect(&url, "star").map(|_| ()))
        })
        .collect();
    for start in starts {
        start.join().unwrap().unwrap();
    }
}

#[test]
fn a_number_that_does_not_fit_is_refused_and_nothing_is_saved() {
    let (_, url) = fresh_database();
    let mut store = ProgressStore::connect(&url, "star").unwrap();
    assert!(store.save(&position(i64::MAX), &[reject(1, "x")]).is_err());
    assert_eq!(store.load().unwrap(), None);
    assert!(store.open_rejects(0, 10).unwrap().is_empty());
}
