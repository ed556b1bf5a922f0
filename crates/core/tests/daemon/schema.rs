//! Who brings the schema up to date, and what happens until then.

use std::{
    process::{Command, Output},
    sync::atomic::Ordering,
};

use diesel::connection::SimpleConnection;
use emap_core::CoreSettings;
use emap_interchange::queues::HL7_QUEUE;
use emap_queue::{Transport, transport::in_process::Broker};
use emap_service::{DatabaseSettings, health::State};
use emap_star::migrations;
use emap_test_support::{
    database::{self, Database},
    faults::process::{Builder, Daemon},
};

use super::{PATIENCE, Running, admissions, publish, publisher};

/// Settings of core for a program of its own.
fn settings(database: &Database) -> Vec<(&'static str, String)> {
    vec![
        ("UDS_JDBC_URL", database.jdbc_url()),
        ("UDS_USERNAME", emap_local_services::postgres::USER.to_owned()),
        ("UDS_SCHEMA", "star".to_owned()),
        // Nobody is there.
        ("SPRING_RABBITMQ_PORT", "1".to_owned()),
    ]
}

fn migrate(database: &Database) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_core"));
    command.arg("migrate").env_clear().envs(settings(database)).output().unwrap()
}

fn program(command: &str, database: &Database) -> Builder {
    let program = Daemon::build(env!("CARGO_BIN_EXE_core")).argument(command);
    settings(database).into_iter().fold(program, |program, (name, value)| program.environment(name, value))
}

/// The schema as it was before the last step.
fn make_older(database: &Database) -> String {
    let last = "SELECT max(version) FROM __diesel_schema_migrations";
    let version = database.value(last);
    database.execute(&format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"));
    version
}

#[tokio::test(flavor = "multi_thread")]
async fn without_migrating_an_old_schema_is_waited_for() {
    let (database, broker) = (database::fresh(), Broker::new());
    let version = make_older(&database);
    let transport = Transport::InProcess(broker.clone());
    let publisher = publisher(&transport, HL7_QUEUE);
    publish(&publisher, "all", admissions(0, 5)).await;
    publisher.drain().await;
    let mut settings =
        CoreSettings::for_database(DatabaseSettings::from_url(&database.url(), "star").unwrap());
    settings.migrate = false;
    let core = Running::with(settings, transport);
    let says = "schema \"star\" is too old, it lacks 1 step(s) up to ";
    core.until(|| matches!(core.health.snapshot().get("star"), Some(State::Down(reason)) if reason.starts_with(says)))
        .await;
    let State::Down(reason) = core.health.snapshot()["star"].clone() else { panic!("it is down") };
    assert!(reason.ends_with(": run `core migrate`"), "{reason}");
    assert_eq!(core.settled.load(Ordering::Relaxed), 0);
    let taken = "SELECT max(version) FROM __diesel_schema_migrations";
    assert_ne!(database.value(taken), version, "it migrates nothing itself");

    migrations::migrate(&mut database.connection(), "star").unwrap();
    core.until_settled(5).await;
    core.until_ready().await;
    core.stop().await;
}

#[test]
fn the_command_creates_a_schema_and_says_what_it_did() {
    let database = database::empty();
    let output = migrate(&database);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.starts_with("applied 2026-11-21-000001_identity\napplied "), "{text}");
    assert!(text.ends_with("\nschema \"star\" is up to date\n"), "{text}");
    let again = migrate(&database);
    assert_eq!(String::from_utf8(again.stdout).unwrap(), "schema \"star\" is up to date\n");
}

/// SIGTERM while another program migrates the schema: the daemon ends well, the command says that it did not finish.
#[test]
fn a_signal_ends_the_waiting() {
    let database = database::fresh();
    make_older(&database);
    let mut other = database.connection();
    other.batch_execute("SELECT pg_advisory_lock(hashtextextended('emap schema star', 0))").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let waits = "another program migrates the schema";
    for (command, code) in [("run", 0), ("migrate", 1)] {
        let log = directory.path().join(command);
        let mut program = program(command, &database).spawn(&log).unwrap();
        let begin = std::time::Instant::now();
        while !std::fs::read_to_string(&log).unwrap().contains(waits) {
            assert!(begin.elapsed() < PATIENCE && program.exit_status().is_none());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(!program.is_ready());
        program.terminate();
        let status = program.wait(PATIENCE).expect("it ends");
        assert_eq!(status.code(), Some(code), "{command}: {}", std::fs::read_to_string(&log).unwrap());
    }
}

/// Rows must never get keys that others have.
#[test]
fn keys_that_would_collide_are_refused_until_the_sequence_is_aligned() {
    let database = database::fresh();
    database.execute(
        "INSERT INTO question (question_id, question, stored_from, valid_from) VALUES (420, 'Q', now(), now());
         CREATE SEQUENCE emap_id_sequence INCREMENT 50",
    );
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_core"));
        command.args(arguments).env_clear().envs(settings(&database)).output().unwrap()
    };
    let refused = run(&["run"]);
    let text =
        String::from_utf8_lossy(&refused.stderr).into_owned() + &String::from_utf8_lossy(&refused.stdout);
    assert_eq!(refused.status.code(), Some(1), "{text}");
    assert!(text.contains("keys up to 420") && text.contains("`core align-sequences`"), "{text}");

    let aligned = run(&["align-sequences"]);
    assert!(aligned.status.success(), "{}", String::from_utf8_lossy(&aligned.stderr));
    let text = String::from_utf8(aligned.stdout).unwrap();
    assert_eq!(
        text,
        "emap_id_sequence of schema \"star\" was moved on: its next value is 501, the largest key 420\n"
    );
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("core");
    let mut program = program("run", &database).spawn(&log).unwrap();
    let starts = std::time::Instant::now();
    while !std::fs::read_to_string(&log).unwrap_or_default().contains("cannot consume") {
        assert!(starts.elapsed() < PATIENCE, "it goes on to the broker");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    program.terminate();
    assert_eq!(program.wait(PATIENCE).and_then(|status| status.code()), Some(0), "it was not refused");
}
