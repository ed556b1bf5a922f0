//! A database of its own for every test, in milliseconds.
//!
//! The star schema is created once per server, in a template; each test gets a copy of it.

use std::sync::{
    Mutex, OnceLock, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use diesel::{
    connection::SimpleConnection,
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Text},
};
use emap_local_services::postgres::{Server, shared};
use emap_star::{Id, Row};

/// The star schema's name in every database of this module.
pub const SCHEMA: &str = "star";
/// So that several test programs on one server do not make the template at the same time.
const TEMPLATE_LOCK: i64 = 0x656d_6170;
const TEMPLATE: &str = "emap_star_template";

/// A database of the shared private server; dropped at the end.
pub struct Database {
    server: &'static Server,
    name: String,
    /// Kept for questions, as connecting takes longer than most answers.
    connection: Mutex<Option<PgConnection>>,
}

/// A database with an up-to-date, empty star schema ([`SCHEMA`]).
pub fn fresh() -> Database {
    static TEMPLATE_IS_READY: OnceLock<()> = OnceLock::new();
    let server = shared();
    TEMPLATE_IS_READY.get_or_init(|| make_template(server));
    Database::create(server, &format!("TEMPLATE {TEMPLATE}"))
}

/// A database with nothing in it.
pub fn empty() -> Database {
    Database::create(shared(), "TEMPLATE template0")
}

impl Database {
    fn create(server: &'static Server, options: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // Copying files beats logging their content when nothing is synced to disk.
        let statement = format!("CREATE DATABASE {name} {options} STRATEGY file_copy");
        connect(&server.url()).batch_execute(&statement).expect("the private server creates a database");
        Self { server, name, connection: Mutex::default() }
    }

    /// Name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The star schema's name: [`SCHEMA`].
    pub fn schema(&self) -> &'static str {
        SCHEMA
    }

    /// libpq URL.
    pub fn url(&self) -> String {
        self.server.database_url(&self.name)
    }

    /// JDBC URL; the user is [`emap_local_services::postgres::USER`], without a password.
    pub fn jdbc_url(&self) -> String {
        self.server.jdbc_url(&self.name)
    }

    /// A new connection with the star schema first on its search path.
    pub fn connection(&self) -> PgConnection {
        let mut connection = connect(&self.url());
        connection.batch_execute(&format!("SET search_path TO {SCHEMA}, public")).expect("a search path");
        connection
    }

    /// Runs SQL, several statements if need be, in the star schema.
    pub fn execute(&self, statements: &str) {
        self.connection().batch_execute(statements).unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// The rows of a query in the star schema, each as its columns' texts joined by `|`, null as empty text.
    pub fn rows(&self, query: &str) -> Vec<String> {
        // A row's own text form has quotes and parentheses; an array joins without them.
        let lines = format!(
            "SELECT coalesce((SELECT string_agg(coalesce(value, ''), '|' ORDER BY place) \
               FROM json_each_text(to_json(found)) WITH ORDINALITY AS field(name, value, place)), '') AS line \
             FROM ({query}) AS found"
        );
        let rows = self.ask(|connection| diesel::sql_query(&lines).load::<Line>(connection));
        rows.unwrap_or_else(|error| panic!("{query}: {error}")).into_iter().map(|row| row.line).collect()
    }

    /// All rows of a table, the oldest first. `key`: name of its primary key.
    pub fn all<R: Row>(&self, key: &str) -> Vec<R> {
        let ids = self.rows(&format!("SELECT {key} FROM {} ORDER BY {key}", R::TABLE));
        let number = |id: &String| id.parse().expect("primary keys are numbers");
        let ids: Vec<Id<R>> = ids.iter().map(|id| Id::new(number(id))).collect();
        let mut rows = self.ask(|connection| R::load(connection, &ids)).expect("rows by primary key");
        rows.sort_by_key(Row::id);
        rows
    }

    /// Runs a query on the connection that is kept, or on a new one if the server has closed that.
    fn ask<T>(&self, question: impl Fn(&mut PgConnection) -> QueryResult<T>) -> QueryResult<T> {
        let mut kept = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = kept.as_mut().and_then(|connection| question(connection).ok()) {
            return Ok(answer);
        }
        question(kept.insert(self.connection()))
    }

    /// The single value of a query, as [`Self::rows`] would print it.
    pub fn value(&self, query: &str) -> String {
        let rows = self.rows(query);
        assert_eq!(rows.len(), 1, "{query} should give one row");
        rows.into_iter().next().unwrap_or_default()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server may have been stopped by the test; then its directory goes as a whole.
        if let Ok(mut connection) = PgConnection::establish(&self.server.url()) {
            let _ = connection.batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn make_template(server: &Server) {
    let mut connection = connect(&server.url());
    let lock = format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})");
    connection.batch_execute(&lock).expect("the template's lock");
    let exists = sql::<Bool>(&format!("EXISTS (SELECT FROM pg_database WHERE datname = '{TEMPLATE}')"));
    if !diesel::select(exists).get_result::<bool>(&mut connection).expect("a list of databases") {
        connection.batch_execute(&format!("CREATE DATABASE {TEMPLATE}")).expect("a template");
    }
    let mut template = connect(&server.database_url(TEMPLATE));
    emap_star::migrations::migrate(&mut template, SCHEMA).expect("the star schema is created");
    drop(template);
    wait_until_unused(&mut connection);
    // The lock goes with the connection.
}

/// A copy is refused while a connection is open, and the server takes a moment to notice that ours is closed.
fn wait_until_unused(connection: &mut PgConnection) {
    let query = format!("EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{TEMPLATE}')");
    while diesel::select(sql::<Bool>(&query)).get_result::<bool>(connection).expect("a list of connections") {
        std::thread::yield_now();
    }
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}
