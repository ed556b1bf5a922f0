//! The reader's tables in the star schema: created by the reader alone, whoever starts first.

use std::thread;

use emap_ids::ProgressStore;
use emap_star::migrations::{is_current, migrate};

use crate::{
    catalogue::describe,
    database::{connect, migrated_with_progress, url},
};

#[test]
fn the_order_of_starting_makes_no_difference() {
    let mut core_first = migrated_with_progress("progress_core_first");

    ProgressStore::connect(&url(), "progress_reader_first").unwrap();
    let mut reader_first = connect();
    let report = migrate(&mut reader_first, "progress_reader_first").unwrap();

    assert_eq!(report.warnings, Vec::<String>::new());
    assert_eq!(describe(&mut reader_first), describe(&mut core_first));
    assert!(describe(&mut core_first).iter().any(|line| line.starts_with("etl_ids_reject: column reason")));
}

#[test]
fn both_may_start_at_once() {
    const SCHEMA: &str = "progress_at_once";
    let reader = thread::spawn(|| ProgressStore::connect(&url(), SCHEMA).unwrap().load().unwrap());
    migrate(&mut connect(), SCHEMA).unwrap();
    assert_eq!(reader.join().unwrap(), None);
    let mut connection = connect();
    emap_postgres::schema::use_schema(&mut connection, SCHEMA).unwrap();
    assert!(is_current(&mut connection).unwrap());
}
