//! Errors of a real server, provoked one by one, and what they are taken for.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
};
use emap_local_services::postgres;
use emap_postgres::{Config, ErrorClass, is_alive};

/// A new database, and a connection to it.
struct Database {
    name: String,
    connection: PgConnection,
}

impl Database {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("errors_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        postgres::shared().create_database(&name).unwrap();
        let mut database = Self { connection: connect(&name), name };
        database.run("CREATE TABLE kept (id integer PRIMARY KEY, short varchar(3), CHECK (id > 0))");
        database
    }

    fn second_connection(&self) -> PgConnection {
        connect(&self.name)
    }

    fn run(&mut self, sql: &str) {
        self.connection.batch_execute(sql).unwrap();
    }

    /// The class of the error that this statement ends in.
    fn class_of(&mut self, sql: &str) -> ErrorClass {
        ErrorClass::of(&self.connection.batch_execute(sql).unwrap_err())
    }
}

fn connect(database: &str) -> PgConnection {
    Config::from_url(&postgres::shared().database_url(database)).unwrap().connect().unwrap()
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pid: i32,
}

#[test]
fn a_connection_that_the_server_ends_is_lost() {
    let mut database = Database::new();
    let backend: Backend =
        sql_query("SELECT pg_backend_pid() AS pid").get_result(&mut database.connection).unwrap();
    assert!(is_alive(&mut database.connection));
    let end = format!("SELECT pg_terminate_backend({}, 5000)", backend.pid);
    database.second_connection().batch_execute(&end).unwrap();
    // 57P01 is what the server says, whichever statement comes first.
    assert_eq!(database.class_of("SELECT 1"), ErrorClass::Lost);
    assert_eq!(database.class_of("SELECT 1"), ErrorClass::Lost);
    assert!(!is_alive(&mut database.connection));
}

#[test]
fn a_connection_lost_within_a_transaction_is_lost() {
    let mut database = Database::new();
    let lost = database
        .connection
        .transaction(|connection| connection.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    assert_eq!(ErrorClass::of(&lost.unwrap_err()), ErrorClass::Lost);
    assert!(!is_alive(&mut database.connection));
}

#[test]
fn a_server_that_does_not_do_its_work_is_unwilling() {
    let mut database = Database::new();
    database.run("SET default_transaction_read_only TO on");
    assert_eq!(database.class_of("INSERT INTO kept VALUES (1, 'a')"), ErrorClass::Unwilling);
    database.run("SET default_transaction_read_only TO off");
    database.run("SET statement_timeout TO 20");
    assert_eq!(database.class_of("SELECT pg_sleep(10)"), ErrorClass::Unwilling);
    database.run("SET statement_timeout TO 0");
    assert_eq!(database.class_of("SELECT * FROM absent"), ErrorClass::Unwilling);
    for code in ["53100", "53200", "53300", "58030", "XX000", "57P04", "25P03", "57014"] {
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$");
        assert_eq!(database.class_of(&raise), ErrorClass::Unwilling, "{code}");
    }
    assert!(is_alive(&mut database.connection));
}

#[test]
fn a_missing_right_is_unwilling() {
    let mut database = Database::new();
    let stranger = format!("stranger_{}", database.name);
    database.run(&format!("CREATE ROLE {stranger}; SET ROLE {stranger}"));
    assert_eq!(database.class_of("INSERT INTO kept VALUES (1, 'a')"), ErrorClass::Unwilling);
    database.run(&format!("RESET ROLE; DROP ROLE {stranger}"));
}

#[test]
fn a_lock_that_does_not_come_is_unwilling() {
    let mut database = Database::new();
    let mut other = database.second_connection();
    other.batch_execute("BEGIN; LOCK TABLE kept").unwrap();
    assert_eq!(database.class_of("SET lock_timeout TO 20; SELECT * FROM kept"), ErrorClass::Unwilling);
}

#[test]
fn what_another_process_did_at_the_same_moment_is_a_conflict() {
    let mut database = Database::new();
    database.run("INSERT INTO kept VALUES (1, 'a')");
    assert_eq!(database.class_of("INSERT INTO kept VALUES (1, 'b')"), ErrorClass::Conflict);

    let mut other = database.second_connection();
    database.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM kept");
    other.batch_execute("UPDATE kept SET short = 'c'").unwrap();
    assert_eq!(database.class_of("UPDATE kept SET short = 'd'"), ErrorClass::Conflict);
    assert!(is_alive(&mut database.connection), "in a failed transaction");
    database.run("ROLLBACK");
}

#[test]
fn a_deadlock_is_no_fault_of_the_statement() {
    let mut database = Database::new();
    database.run("INSERT INTO kept VALUES (1, 'a'), (2, 'a'); SET deadlock_timeout TO 50");
    let mut other = database.second_connection();
    other
        .batch_execute("SET deadlock_timeout TO 60000; BEGIN; UPDATE kept SET short = 'x' WHERE id = 2")
        .unwrap();
    database.run("BEGIN; UPDATE kept SET short = 'y' WHERE id = 1");
    let waiting = thread::spawn(move || other.batch_execute("UPDATE kept SET short = 'x' WHERE id = 1"));
    thread::sleep(Duration::from_millis(100));
    // The driver hides 40P01.
    assert_eq!(database.class_of("UPDATE kept SET short = 'y' WHERE id = 2"), ErrorClass::Unwilling);
    database.run("ROLLBACK");
    waiting.join().unwrap().unwrap();
}

#[test]
fn a_broken_constraint_is_the_statements_own_fault() {
    let mut database = Database::new();
    database.run("INSERT INTO kept VALUES (1, 'a'); CREATE TABLE child (kept_id integer REFERENCES kept)");
    for refused in [
        "INSERT INTO kept VALUES (null, 'a')",
        "INSERT INTO kept VALUES (-1, 'a')",
        "INSERT INTO child VALUES (7)",
    ] {
        assert_eq!(database.class_of(refused), ErrorClass::Refused, "{refused}");
    }
}

/// The driver hides the codes of class 22, so these count as the server's; see `docs/decisions/database-errors.md`.
#[test]
fn a_value_that_does_not_fit_never_counts_as_lost_or_as_a_conflict() {
    let mut database = Database::new();
    for refused in ["INSERT INTO kept VALUES (1, 'long')", "SELECT 1 / 0", "SELECT 'x'::integer"] {
        assert_eq!(database.class_of(refused), ErrorClass::Unwilling, "{refused}");
    }
}
