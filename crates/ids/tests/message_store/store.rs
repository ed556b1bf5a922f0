//! Appending, reading in blocks, and refusing what is not a message store.

use emap_ids::{BlockLimit, IdsError, IdsStore, NewRow, RowText};
use emap_local_services::postgres;

use crate::common::{at, fresh_database, fresh_store, stored};

fn with_text(text: &str) -> NewRow {
    NewRow { hl7_message: Some(text.to_owned()), ..NewRow::default() }
}

#[test]
fn numbers_rise_and_blocks_come_in_order() {
    let (_, mut store) = fresh_store();
    assert_eq!(store.append(&with_text("first")).unwrap(), 1);
    let batch = [stored(10, "2026-03-01T08:00:00Z"), with_text("after ten"), NewRow::default()];
    assert_eq!(store.append_batch(&batch).unwrap(), [10, 11, 12]);
    assert_eq!(store.highest_unid().unwrap(), Some(12));

    let two = BlockLimit { rows: 2, ..BlockLimit::default() };
    let block = store.read_block(0, two).unwrap();
    assert_eq!(block.iter().map(|row| row.unid).collect::<Vec<_>>(), [1, 10]);
    assert_eq!(block[0].text, RowText::Text(b"first".to_vec()));
    assert_eq!(block[1].persist_datetime, Some(at("2026-03-01T08:00:00Z")));
    let rest = store.read_block(10, two).unwrap();
    assert_eq!(rest.iter().map(|row| row.unid).collect::<Vec<_>>(), [11, 12]);
    assert_eq!(rest[1].text, RowText::Missing);
    assert!(store.read_block(12, two).unwrap().is_empty());
    assert_eq!(store.read_row(11).unwrap().unwrap().text, RowText::Text(b"after ten".to_vec()));
    assert_eq!(store.read_row(5).unwrap(), None);
}

#[test]
fn a_batch_is_stored_whole_or_not_at_all() {
    let (_, mut store) = fresh_store();
    store.append(&with_text("one")).unwrap();
    let taken = [with_text("two"), stored(1, "2026-03-01T08:00:00Z")];
    assert!(matches!(store.append_batch(&taken), Err(IdsError::Refused(_))));
    assert_eq!(store.highest_unid().unwrap(), Some(1));
    assert!(store.append_batch(&[]).unwrap().is_empty());
}

#[test]
fn a_block_is_bounded_in_bytes_but_holds_at_least_one_row() {
    let (_, mut store) = fresh_store();
    let rows: Vec<NewRow> = (0..5).map(|_| with_text(&"x".repeat(1000))).collect();
    store.append_batch(&rows).unwrap();
    let mut numbers_within = |bytes| {
        let block = store.read_block(0, BlockLimit { rows: 100, bytes }).unwrap();
        block.iter().map(|row| row.unid).collect::<Vec<_>>()
    };
    assert_eq!(numbers_within(10), [1]);
    assert_eq!(numbers_within(2500), [1, 2, 3]);
    assert_eq!(numbers_within(1_000_000), [1, 2, 3, 4, 5]);
}

#[test]
fn many_rows_with_every_kind_of_text() {
    let (_, mut store) = fresh_store();
    let text = "MSH|^~\\&|\r\n\tPID|Zoë \u{1F3E5} \\T\\ \"quoted\" {braces}, NULL";
    let rows: Vec<NewRow> = (0..4500).map(|_| with_text(text)).collect();
    let unids = store.append_batch(&rows).unwrap();
    assert_eq!((unids[0], unids[4499]), (1, 4500));
    let block = store.read_block(4400, BlockLimit::default()).unwrap();
    assert_eq!(block.len(), 100);
    assert!(block.iter().all(|row| row.text == RowText::Text(text.as_bytes().to_vec())));
}

#[test]
fn concurrent_writers_never_show_a_number_before_a_lower_one() {
    let (url, mut store) = fresh_store();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let mut store = IdsStore::connect(&url, "ids").unwrap();
            std::thread::spawn(move || {
                for _ in 0..50 {
                    store.append(&with_text("m")).unwrap();
                }
            })
        })
        .collect();
    let mut seen = Vec::new();
    while seen.len() < 200 {
        let last = seen.last().copied().unwrap_or(0);
        seen.extend(store.read_block(last, BlockLimit::default()).unwrap().iter().map(|row| row.unid));
    }
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(seen, (1..=200).collect::<Vec<i64>>());
}

#[test]
fn timestamps_with_and_without_zone_mean_the_same_moment() {
    for column_type in ["timestamp", "timestamptz"] {
        let (database, url) = fresh_database();
        emap_ids::migrate(&url, "ids").unwrap();
        let server = postgres::shared();
        for column in ["persistdatetime", "messagedatetime"] {
            let change = format!("ALTER TABLE ids.tbl_ids_master ALTER {column} TYPE {column_type}");
            server.query(&database, &change).unwrap();
        }
        let mut store = IdsStore::connect(&url, "ids").unwrap();
        let summer = at("2026-07-01T12:00:00.123456Z");
        let row =
            NewRow { message_datetime: Some(summer), persist_datetime: Some(summer), ..NewRow::default() };
        store.append(&row).unwrap();
        let read = store.read_row(1).unwrap().unwrap();
        assert_eq!(
            (read.message_datetime, read.persist_datetime),
            (Some(summer), Some(summer)),
            "{column_type}"
        );
        if column_type == "timestamp" {
            let local = server.query(&database, "SELECT persistdatetime FROM ids.tbl_ids_master").unwrap();
            assert_eq!(local.trim(), "2026-07-01 13:00:00.123456");
        }
        assert_eq!(store.first_unid_from(summer).unwrap(), Some(1));
        assert_eq!(store.first_unid_from(summer + chrono::TimeDelta::microseconds(1)).unwrap(), None);
    }
}

#[test]
fn impossible_times_do_not_hold_up_a_block() {
    let (database, url) = fresh_database();
    emap_ids::migrate(&url, "ids").unwrap();
    let insert = "INSERT INTO ids.tbl_ids_master (unid, messagedatetime, persistdatetime)
                  VALUES (1, 'infinity', '4713-01-01 BC'), (2, '-infinity', '2026-01-01')";
    postgres::shared().query(&database, insert).unwrap();
    let mut store = IdsStore::connect(&url, "ids").unwrap();
    let block = store.read_block(0, BlockLimit::default()).unwrap();
    assert_eq!(block.len(), 2);
    assert_eq!(block[0].message_datetime, None);
}

#[test]
fn a_text_that_the_server_cannot_deliver_is_one_bad_row() {
    let (database, _) = fresh_database();
    let server = postgres::shared();
    let western = format!("{database}_western");
    let create = format!(
        "CREATE DATABASE {western} ENCODING 'WIN1252' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    );
    server.query("postgres", &create).unwrap();
    let url = server.database_url(&western);
    emap_ids::migrate(&url, "ids").unwrap();
    let mut store = IdsStore::connect(&url, "ids").unwrap();
    store.append_batch(&[with_text("good"), with_text("caf\u{e9}"), with_text("good too")]).unwrap();
    // 0x81 is no character of this encoding; the server stores it but cannot turn it into UTF-8.
    let bad = "SET client_encoding TO 'WIN1252';
               INSERT INTO ids.tbl_ids_master (unid, hl7message) VALUES (4, E'MSH\\x81'), (5, 'last')";
    server.query(&western, bad).unwrap();

    let block = store.read_block(0, BlockLimit::default()).unwrap();
    assert_eq!(block.iter().map(|row| row.unid).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(block[1].text, RowText::Text("caf\u{e9}".into()));
    assert!(
        matches!(&block[3].text, RowText::Unreadable(reason) if reason.contains("encoding")),
        "{block:?}"
    );
    assert_eq!(block[4].text, RowText::Text(b"last".to_vec()));
}

#[test]
fn a_missing_right_to_read_texts_is_no_fault_of_the_rows() {
    let (database, url) = fresh_database();
    emap_ids::migrate(&url, "ids").unwrap();
    IdsStore::connect(&url, "ids").unwrap().append_batch(&[with_text("one"), with_text("two")]).unwrap();
    let role = format!("{database}_reader");
    let rights = format!(
        "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA ids TO {role}; GRANT SELECT ON ids.tbl_ids_master TO {role}"
    );
    let server = postgres::shared();
    server.query(&database, &rights).unwrap();
    let (_, address) = url.split_once('@').unwrap();
    let mut store = IdsStore::connect(&format!("postgresql://{role}@{address}"), "ids").unwrap();
    assert_eq!(store.read_block(0, BlockLimit::default()).unwrap().len(), 2);
    let all_but_the_text = format!(
        "REVOKE SELECT ON ids.tbl_ids_master FROM {role};
         GRANT SELECT (unid, messagedatetime, persistdatetime) ON ids.tbl_ids_master TO {role}"
    );
    server.query(&database, &all_but_the_text).unwrap();
    let error = store.read_block(0, BlockLimit::default()).unwrap_err();
    assert!(matches!(error, IdsError::Unwilling(_)), "{error}");
}

#[test]
fn what_is_not_a_message_store_is_named() {
    let (database, url) = fresh_database();
    let refused = |schema: &str| IdsStore::connect(&url, schema).err().unwrap().to_string();
    assert!(refused("nowhere").contains("nowhere.tbl_ids_master does not exist"));
    emap_ids::migrate(&url, "ids").unwrap();
    let spoil = "ALTER TABLE ids.tbl_ids_master DROP COLUMN hl7message;
                 ALTER TABLE ids.tbl_ids_master ALTER messagedatetime TYPE text";
    postgres::shared().query(&database, spoil).unwrap();
    let problems = refused("ids");
    assert!(problems.contains("column hl7message is missing"), "{problems}");
    assert!(problems.contains("column messagedatetime must be a timestamp (it is text)"), "{problems}");
    let nobody_there = IdsStore::connect("postgresql://127.0.0.1:1/x", "ids").err().unwrap();
    assert!(nobody_there.may_pass(), "{nobody_there}");
}

#[test]
fn migrating_twice_and_a_store_of_others_changes_nothing() {
    let (url, mut store) = fresh_store();
    store.append(&with_text("kept")).unwrap();
    emap_ids::migrate(&url, "ids").unwrap();
    assert_eq!(store.highest_unid().unwrap(), Some(1));
}

#[test]
fn a_store_may_be_made_in_a_schema_with_other_migrations() {
    let (database, url) = fresh_database();
    let other = "CREATE SCHEMA star;
                 CREATE TABLE star.__diesel_schema_migrations (version varchar(50) PRIMARY KEY);
                 INSERT INTO star.__diesel_schema_migrations VALUES ('20261121000001')";
    postgres::shared().query(&database, other).unwrap();
    emap_ids::migrate(&url, "star").unwrap();
    assert_eq!(IdsStore::connect(&url, "star").unwrap().highest_unid().unwrap(), None);
}

#[test]
fn a_reading_store_cannot_write() {
    let (url, _) = fresh_store();
    let mut reading = IdsStore::connect_for_reading(&url, "ids", chrono_tz::Europe::London).unwrap();
    assert!(reading.append(&with_text("x")).is_err());
    assert_eq!(reading.highest_unid().unwrap(), None);
}

#[test]
fn a_lost_connection_is_told_and_a_new_one_goes_on() {
    let (url, mut store) = fresh_store();
    store.append(&with_text("before")).unwrap();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let database = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    postgres::shared().query(database, kill).unwrap();
    let error = store.highest_unid().unwrap_err();
    assert!(error.may_pass(), "{error}");
    store.reconnect().unwrap();
    assert_eq!(store.highest_unid().unwrap(), Some(1));
}
