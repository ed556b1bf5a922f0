//! A fresh database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use emap_ids::{IdsStore, NewRow};
use emap_local_services::postgres;

/// Name and URL of a new empty database on the shared private server.
pub(crate) fn fresh_database() -> (String, String) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("ids_{}_{number}", std::process::id());
    postgres::shared().create_database(&name).unwrap();
    let url = postgres::shared().database_url(&name);
    (name, url)
}

/// A message store in a new database.
pub(crate) fn fresh_store() -> (String, IdsStore) {
    let (_, url) = fresh_database();
    emap_ids::migrate(&url, "ids").unwrap();
    let store = IdsStore::connect(&url, "ids").unwrap();
    (url, store)
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A row with this number, stored at this time.
pub(crate) fn stored(unid: i64, persisted: &str) -> NewRow {
    NewRow {
        unid: Some(unid),
        hl7_message: Some(format!("MSH|^~\\&|number {unid}")),
        persist_datetime: Some(at(persisted)),
        ..NewRow::default()
    }
}
