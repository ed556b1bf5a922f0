//! A schema of one test's own with a table `reading` that has rows, and steps for it.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread::{self, ScopedJoinHandle, sleep},
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
    sql_types::Text,
};
use emap_local_services::postgres;
use emap_postgres::{Config, MigrationError, MigrationReport, Migrations, Step};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The name under which migrations connect.
const MIGRATING: &str = "migrating";

/// An index on the table, one on each row's own number, and a column.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "2031-01-01-000001_index",
        sql: "SELECT pg_temp.ensure_index('reading_value', 'reading', 'value')",
    },
    Step { name: "2031-01-01-000002_column", sql: "ALTER TABLE reading ADD COLUMN IF NOT EXISTS unit text" },
];

/// These steps, without helpers.
pub(crate) fn migrations(steps: &'static [Step]) -> Migrations {
    Migrations { steps, versions: "taken", helpers: "", after_each: "" }
}

pub(crate) struct Site {
    pub(crate) url: String,
}

impl Site {
    /// A new database with a schema `s`.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("migrations_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        postgres::shared().create_database(&name).unwrap();
        let site = Self { url: postgres::shared().database_url(&name) };
        site.sql(
            "CREATE SCHEMA s;
             CREATE TABLE s.reading (id bigint PRIMARY KEY, value bigint NOT NULL);
             INSERT INTO s.reading SELECT n, n FROM generate_series(1, 1000) AS n",
        );
        site
    }

    pub(crate) fn connect(&self) -> PgConnection {
        let mut connection = PgConnection::establish(&self.url).unwrap();
        connection.batch_execute("SET search_path TO s").unwrap();
        connection
    }

    pub(crate) fn sql(&self, statements: &str) {
        self.connect().batch_execute(statements).unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    pub(crate) fn lines(&self, query: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Line {
            #[diesel(sql_type = Text)]
            line: String,
        }
        let query = format!("SELECT coalesce(line::text, '') AS line FROM ({query}) AS found (line)");
        sql_query(query).load::<Line>(&mut self.connect()).unwrap().into_iter().map(|row| row.line).collect()
    }

    /// The migration's own connection, so that its session can be found.
    pub(crate) fn config(&self) -> Config {
        Config::from_url(&format!("{}?application_name={MIGRATING}", self.url)).unwrap()
    }

    pub(crate) fn migrate(&self, steps: &'static [Step]) -> Result<MigrationReport, MigrationError> {
        migrations(steps).migrate_at(&self.config(), "s", &|| false)
    }

    /// What the migrating session waits for.
    pub(crate) fn until_waiting_for(&self, event: &str) {
        let query = format!(
            "SELECT wait_event FROM pg_stat_activity
             WHERE application_name = '{MIGRATING}' AND datname = current_database() AND wait_event_type = 'Lock'
               AND wait_event = '{event}'"
        );
        until(event, || !self.lines(&query).is_empty());
    }

    /// Modes of the locks on the table that migrating sessions hold or wait for.
    pub(crate) fn locks(&self) -> Vec<String> {
        self.lines(&format!(
            "SELECT DISTINCT mode FROM pg_locks JOIN pg_stat_activity USING (pid)
             WHERE application_name = '{MIGRATING}' AND relation = 's.reading'::regclass ORDER BY 1"
        ))
    }

    /// A row is written as by a site's program; a writer that is held up fails.
    pub(crate) fn write(&self) {
        let mut writer = self.connect();
        writer.batch_execute("SET lock_timeout = '20s'").unwrap();
        writer
            .batch_execute("INSERT INTO reading (id, value) SELECT max(id) + 1, max(value) + 1 FROM reading")
            .expect("the writer is not held up");
    }
}

/// A transaction of another program, until it is dropped.
pub(crate) struct OpenTransaction {
    connection: PgConnection,
}

impl OpenTransaction {
    /// Has run the statement and not committed.
    pub(crate) fn with(site: &Site, statement: &str) -> Self {
        let mut connection = site.connect();
        connection.batch_execute("BEGIN").unwrap();
        connection.batch_execute(statement).unwrap();
        Self { connection }
    }

    pub(crate) fn commits(mut self) {
        self.connection.batch_execute("COMMIT").unwrap();
    }
}

/// A program that may be stopped.
pub(crate) struct Program<'scope> {
    pub(crate) stop: &'scope AtomicBool,
    pub(crate) running: ScopedJoinHandle<'scope, Result<MigrationReport, MigrationError>>,
}

impl<'scope> Program<'scope> {
    pub(crate) fn start(
        scope: &'scope thread::Scope<'scope, '_>,
        site: &'scope Site,
        stop: &'scope AtomicBool,
        steps: &'static [Step],
    ) -> Self {
        let running = scope.spawn(move || {
            migrations(steps).migrate_at(&site.config(), "s", &|| stop.load(Ordering::Relaxed))
        });
        Self { stop, running }
    }

    pub(crate) fn stop(self) -> Result<MigrationReport, MigrationError> {
        self.stop.store(true, Ordering::Relaxed);
        self.end()
    }

    pub(crate) fn end(self) -> Result<MigrationReport, MigrationError> {
        self.running.join().unwrap()
    }
}

/// Waits until the condition holds.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "waited too long for: {what}");
        sleep(Duration::from_millis(10));
    }
}
