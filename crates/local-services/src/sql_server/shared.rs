//! What all sessions share.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use postgres::{Client, NoTls};
use rustls::ServerConfig;

use super::faults::Faults;

/// User and password that may log in.
pub const LOGIN: (&str, &str) = ("sa", "Stand-in-1");

/// What a connection to PostgreSQL begins with.
const SETTINGS: &str = "SET search_path TO pg_catalog; SET client_min_messages TO error; SET TimeZone TO 'UTC'; \
    SET DateStyle TO ISO, YMD; SET standard_conforming_strings TO on; SET jit TO off";

/// What all sessions share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) faults: Faults,
    /// With it clients may encrypt.
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// The PostgreSQL underneath, without the name of a database.
    postgres: String,
    /// For logins that name none: the first that was created.
    first: Mutex<Option<String>>,
    pub(super) running: AtomicU32,
    pub(super) most_running: AtomicU32,
    pub(super) logins: AtomicU32,
    pub(super) stopped: AtomicBool,
}

impl Shared {
    pub(super) fn new(postgres: String, tls: Option<Arc<ServerConfig>>) -> Self {
        Self {
            faults: Faults::default(),
            tls,
            postgres,
            first: Mutex::default(),
            running: AtomicU32::default(),
            most_running: AtomicU32::default(),
            logins: AtomicU32::default(),
            stopped: AtomicBool::default(),
        }
    }

    pub(super) fn begin(&self) {
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_running.fetch_max(running, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn connect(&self, database: &str) -> Result<Client, postgres::Error> {
        let mut client = Client::connect(&format!("{}{database}", self.postgres), NoTls)?;
        client.batch_execute(SETTINGS)?;
        Ok(client)
    }

    pub(super) fn created(&self, database: &str) {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| database.to_owned());
    }

    /// The database that a login means.
    pub(super) fn meant(&self, database: &str) -> String {
        if !database.is_empty() {
            return database.to_lowercase();
        }
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }
}
