//! Connections to the database.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use diesel::{PgConnection, connection::SimpleConnection};
use emap_postgres::{Config, Migrations, Stop};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::error::StoreError;
use crate::settings::DatabaseAccess;

/// The schema of the tables: that of the service before this one.
const SCHEMA: &str = "public";

const MIGRATIONS: Migrations = Migrations {
    steps: include!(concat!(env!("OUT_DIR"), "/connector_steps.rs")),
    versions: "connector_migrations",
    helpers: "",
    after_each: "",
};

/// Where connections come from; clones share them.
#[derive(Clone)]
pub(crate) struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    migrated: AtomicBool,
    /// One program brings the tables up to date, once.
    migrating: Mutex<()>,
    idle: Mutex<Vec<PgConnection>>,
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl Database {
    /// Opens nothing yet.
    pub(crate) fn new(access: &DatabaseAccess) -> Self {
        Self {
            shared: Arc::new(Shared {
                config: access.config.clone(),
                migrated: AtomicBool::new(false),
                migrating: Mutex::new(()),
                idle: Mutex::default(),
                turns: Arc::new(Semaphore::new(access.connections.max(1))),
                patience: access.patience,
            }),
        }
    }

    /// A new connection to an up-to-date database, for a thread that keeps it. Blocks.
    ///
    /// # Errors
    /// When the database cannot be reached or brought up to date.
    pub(crate) fn connect(&self) -> Result<PgConnection, StoreError> {
        if !self.shared.migrated.load(Ordering::Acquire) {
            let _one = self.shared.migrating.lock().unwrap_or_else(PoisonError::into_inner);
            migrate_at(&self.shared.config)?;
            self.shared.migrated.store(true, Ordering::Release);
        }
        let mut connection = self.shared.config.connect()?;
        prepare(&mut connection)?;
        Ok(connection)
    }

    /// Runs statements on one of the connections for requests, waiting for its turn. The statements must bear being
    /// repeated: if a connection turns out to be lost, they are run once more on a new one.
    ///
    /// # Errors
    /// When no connection becomes free in time, or that of the statements.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        statements: impl Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = Arc::clone(&self.shared.turns).acquire_owned();
        let turn = timeout(self.shared.patience, turn).await.map_err(|_| StoreError::Busy)?;
        let this = self.clone();
        let done = spawn_blocking(move || {
            let _turn = turn;
            this.run_here(statements)
        });
        done.await
            .unwrap_or_else(|error| Err(StoreError::Refused(format!("the work was cut short: {error}"))))
    }

    /// The same without waiting for a turn, on a thread that may block.
    ///
    /// # Errors
    /// That of the statements, or no connection.
    pub(crate) fn run_here<T>(
        &self,
        statements: impl Fn(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let kept = self.idle().pop();
        let was_kept = kept.is_some();
        let mut connection = kept.map_or_else(|| self.connect(), Ok)?;
        let mut done = statements(&mut connection);
        if was_kept && done.as_ref().is_err_and(StoreError::is_lost) {
            // All that were kept are likely to be lost as well.
            self.idle().clear();
            connection = self.connect()?;
            done = statements(&mut connection);
        }
        if !done.as_ref().is_err_and(StoreError::is_lost) {
            self.idle().push(connection);
        }
        done
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<PgConnection>> {
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare(connection: &mut PgConnection) -> Result<(), StoreError> {
    connection.batch_execute(&format!(
        "SET search_path TO {SCHEMA}; SET TIME ZONE 'UTC'; SET client_min_messages TO warning"
    ))?;
    Ok(())
}

/// Brings the database up to date; gives the names of the steps taken.
///
/// # Errors
/// When it cannot be reached, or a step fails.
pub(crate) fn migrate(access: &DatabaseAccess) -> Result<Vec<String>, StoreError> {
    migrate_at(&access.config)
}

/// Indexes of a table that an older service has filled take their time.
fn migrate_at(config: &Config) -> Result<Vec<String>, StoreError> {
    let mut connection = config.connect_for_long_statements()?;
    connection.batch_execute("SET client_min_messages TO warning")?;
    Ok(MIGRATIONS.migrate(&mut connection, SCHEMA, Stop::NEVER)?.applied)
}
