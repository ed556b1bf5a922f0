//! Servers that say nothing, behind a proxy that still acknowledges what it is sent.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    result::Error,
    sql_query,
    sql_types::{BigInt, Text},
};
use emap_local_services::postgres::{USER, shared};
use emap_postgres::{Config, ErrorClass, is_alive};
use emap_test_support::{
    database::{self, Database},
    faults::{
        plan::Action,
        postgres::{Fault, Filter, Kind, Proxy},
    },
};

/// Longer than any of these waits lasts if something ends it.
const PATIENCE: Duration = Duration::from_secs(40);

#[allow(missing_docs, reason = "a table of this test")]
mod table {
    diesel::table! {
        star.note (number) {
            number -> Nullable<Integer>,
            text -> Text,
        }
    }
}

/// A database with an empty table `note`, and a proxy in front of its server.
struct Site {
    database: Database,
    proxy: Proxy,
}

impl Site {
    fn new() -> Self {
        let database = database::empty();
        database.execute("CREATE SCHEMA star; CREATE TABLE star.note (number integer, text text)");
        Self { database, proxy: Proxy::start(([127, 0, 0, 1], shared().port()).into()).unwrap() }
    }

    /// Whose server counts as lost after so many seconds.
    fn config(&self, seconds: u64) -> Config {
        let (port, name) = (self.proxy.port(), self.database.name());
        Config::from_url(&format!("postgresql://{USER}@127.0.0.1:{port}/{name}?socketTimeout={seconds}"))
            .unwrap()
    }

    fn connect(&self, seconds: u64) -> PgConnection {
        self.config(seconds).connect().unwrap()
    }
}

/// What the statement ends in; it does end.
fn ended<T>(statement: impl FnOnce() -> QueryResult<T>) -> ErrorClass {
    let begin = Instant::now();
    let error = statement().err().expect("the server does not answer");
    assert!(begin.elapsed() < PATIENCE);
    ErrorClass::of(&error)
}

#[test]
fn a_server_that_falls_silent_is_lost() {
    let site = Site::new();
    for statement in ["SELECT 'simple'", "COMMIT"] {
        let mut connection = site.connect(1);
        connection.batch_execute("BEGIN").unwrap();
        site.proxy.arm(Fault::at_client(Filter::statement(statement), Action::Silence));
        assert_eq!(ended(|| connection.batch_execute(statement)), ErrorClass::Lost);
        assert!(!is_alive(&mut connection));
    }
}

#[test]
fn so_is_one_that_falls_silent_at_a_prepared_statement() {
    let site = Site::new();
    for kind in [Kind::Parse, Kind::Execute] {
        let mut connection = site.connect(1);
        site.proxy.arm(Fault::at_client(kind, Action::Silence));
        let insert = || {
            sql_query("INSERT INTO star.note VALUES (1, $1)").bind::<Text, _>("one").execute(&mut connection)
        };
        assert_eq!(ended(insert), ErrorClass::Lost);
    }
}

/// More data than sockets hold: libpq waits for room, not for an answer.
#[test]
fn so_is_one_that_takes_no_more_data() {
    let site = Site::new();
    let mut connection = site.connect(1);
    site.proxy.arm(Fault::at_client(Kind::CopyData, Action::Stall(None)));
    let line = [b"1\t".to_vec(), vec![b'x'; 1 << 20], b"\n".to_vec()].concat();
    let copy = || {
        diesel::copy_from(table::note::table)
            .from_raw_data(table::note::table, |sink| {
                (0..64).try_for_each(|_| {
                    sink.write_all(&line).map_err(|error| Error::QueryBuilderError(error.into()))
                })
            })
            .execute(&mut connection)
    };
    ended(copy);
    assert!(
        !is_alive(&mut connection),
        "an error in the middle of COPY does not say that the connection is lost"
    );
    site.proxy.release();
}

#[test]
fn so_is_one_that_falls_silent_while_a_connection_is_opened() {
    let site = Site::new();
    // After the log-in libpq's own limit does not count any more.
    site.proxy.arm(Fault::at_client(Filter::statement("SET TIME ZONE"), Action::Silence));
    let begin = Instant::now();
    assert!(site.config(1).connect().is_err());
    site.proxy.arm(Fault::at_client(Filter::statement("lock_timeout"), Action::Silence));
    assert!(site.config(1).connect().is_err());
    assert!(begin.elapsed() < PATIENCE);
}

/// The limit is for answers, not for the connection.
#[test]
fn a_connection_without_statements_stays() {
    let site = Site::new();
    let mut connection = site.connect(2);
    let rows: Vec<Number> = sql_query("SELECT 1::bigint AS number").load(&mut connection).unwrap();
    assert_eq!(rows.len(), 1);
    thread::sleep(Duration::from_millis(2_500));
    assert!(is_alive(&mut connection));
}

#[test]
fn a_lock_that_another_session_holds_is_waited_for_within_a_limit() {
    let site = Site::new();
    let mut holder = site.database.connection();
    holder.batch_execute("BEGIN; LOCK TABLE star.note; SELECT pg_advisory_xact_lock(7)").unwrap();
    let mut connection = site.connect(4);
    for statement in ["SELECT pg_advisory_lock(7)", "INSERT INTO star.note VALUES (2, 'late')"] {
        assert_eq!(ended(|| connection.batch_execute(statement)), ErrorClass::Unwilling, "{statement}");
        assert!(is_alive(&mut connection));
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    value: String,
}

/// What frees the locks of a program whose machine is gone.
#[test]
fn the_server_is_asked_to_notice_a_client_that_vanished() {
    let site = Site::new();
    let mut connection = site.connect(50);
    let settings = sql_query(
        "SELECT name, current_setting(name) AS value FROM pg_settings
         WHERE name ~ '^tcp_|^client_connection|^lock_timeout|^idle_in_transaction' ORDER BY name",
    );
    let settings: Vec<Setting> = settings.load(&mut connection).unwrap();
    let settings: Vec<String> =
        settings.into_iter().map(|one| format!("{}={}", one.name, one.value)).collect();
    assert_eq!(
        settings,
        [
            "client_connection_check_interval=10s",
            "idle_in_transaction_session_timeout=1min",
            "lock_timeout=25s",
            "tcp_keepalives_count=3",
            "tcp_keepalives_idle=30",
            "tcp_keepalives_interval=10",
            "tcp_user_timeout=50000",
        ]
    );
    let one: Number = sql_query("SELECT 1::bigint AS number").get_result(&mut connection).unwrap();
    assert_eq!(one.number, 1);
}
