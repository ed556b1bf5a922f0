//! One reader for each progress row.

use emap_ids::{OtherReader, Place, ProgressStore};
use emap_local_services::postgres;

use crate::common::fresh_database;

fn taken(place: &Place) -> &OtherReader {
    match place {
        Place::Taken(Some(other)) => other,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_second_reads_who_the_first_is_and_gets_the_place_when_the_first_ends() {
    let (_, url) = fresh_database();
    let mut first = ProgressStore::connect(&url, "star").unwrap();
    let mut second = ProgressStore::connect(&url, "star").unwrap();
    assert_eq!(first.take_place("ids-reader 17 at alpha").unwrap(), Place::Ours);
    assert_eq!(first.take_place("ids-reader 17 at alpha").unwrap(), Place::Ours);
    let place = second.take_place("ids-reader 4 at beta").unwrap();
    let other = taken(&place);
    assert_eq!(other.name, "ids-reader 17 at alpha");
    assert!(other.pid > 0 && other.since.is_some(), "{other:?}");
    let words = other.to_string();
    assert!(words.starts_with("ids-reader 17 at alpha (session "), "{words}");
    drop(first);
    until_ours(&mut second, "ids-reader 4 at beta");
}

#[test]
fn other_schemas_and_other_databases_have_readers_of_their_own() {
    let (_, url) = fresh_database();
    let (_, other_url) = fresh_database();
    let mut stores = [(&url, "star"), (&url, "other"), (&other_url, "star")]
        .map(|(url, schema)| ProgressStore::connect(url, schema).unwrap());
    for store in &mut stores {
        assert_eq!(store.take_place("reader").unwrap(), Place::Ours);
    }
}

#[test]
fn a_new_connection_has_to_take_the_place_again() {
    let (database, url) = fresh_database();
    let mut first = ProgressStore::connect(&url, "star").unwrap();
    assert_eq!(first.take_place("first").unwrap(), Place::Ours);
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    postgres::shared().query(&database, kill).unwrap();
    assert!(first.check().unwrap_err().may_pass());
    let mut second = ProgressStore::connect(&url, "star").unwrap();
    assert_eq!(second.take_place("second").unwrap(), Place::Ours);
    first.reconnect().unwrap();
    first.check().unwrap();
    assert_eq!(taken(&first.take_place("first").unwrap()).name, "second");
}

#[test]
fn a_former_session_of_the_same_reader_is_ended() {
    let (_, url) = fresh_database();
    let mut former = ProgressStore::connect(&url, "star").unwrap();
    assert_eq!(former.take_place("the reader").unwrap(), Place::Ours);
    let mut present = ProgressStore::connect(&url, "star").unwrap();
    assert_eq!(taken(&present.take_place("the reader").unwrap()).name, "the reader");
    until_ours(&mut present, "the reader");
    assert!(former.check().is_err());
}

/// The server notices a moment later that a session has ended.
fn until_ours(store: &mut ProgressStore, name: &str) {
    for _ in 0..1000 {
        if store.take_place(name).unwrap() == Place::Ours {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the place is not free");
}
