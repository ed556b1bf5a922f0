//! `emap replay` as an operator runs it, between real PostgreSQL and real RabbitMQ.
#![allow(clippy::unwrap_used)]

use std::{
    process::{Command, Output, Stdio},
    time::Duration,
};

use emap_local_services::rabbitmq;
use emap_test_support::database::{self, Database};

/// Reads nothing from the environment of the test.
fn emap(arguments: &[&str]) -> Command {
    let mut emap = Command::new(env!("CARGO_BIN_EXE_emap"));
    emap.arg("replay").args(arguments).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    emap
}

/// Settings of `core run`, at a broker on this port.
fn with_core<'c>(command: &'c mut Command, database: &Database, port: u16) -> &'c mut Command {
    let user = emap_local_services::postgres::USER;
    command
        .env("UDS_JDBC_URL", database.jdbc_url())
        .env("UDS_USERNAME", user)
        .env("UDS_SCHEMA", database.schema())
        .env("SPRING_RABBITMQ_PORT", port.to_string())
        .env("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", "DEBUG")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// An admission and a laboratory order that were rejected, and a body that was no message.
fn rejects(database: &Database) {
    let package = "uk.ac.ucl.rits.inform.interchange";
    database.execute(&format!(
        r#"INSERT INTO etl_message_reject
           (etl_message_reject_id, source_id, message_type, queue, reason, body, rejected_at) VALUES
           (1, '0000000001', '{package}.adt.AdmitPatient', 'hl7Queue', 'out of order',
            '{{"@class": "{package}.adt.AdmitPatient", "mrn": "40711223"}}', now()),
           (2, '0000000002', '{package}.lab.LabOrderMsg', 'hl7Queue', 'out of order',
            '{{"@class": "{package}.lab.LabOrderMsg", "mrn": "40711223"}}', now()),
           (3, NULL, NULL, 'hl7Queue', 'no JSON', 'mrn 40711223 and nothing else', now())"#
    ));
}

#[test]
fn the_numbers_are_one_line_and_what_is_left_is_exit_code_one() {
    let (server, database) = (rabbitmq::shared(), database::fresh());
    rejects(&database);
    let host = server.fresh_virtual_host().unwrap();
    let run = |arguments: &[&str]| -> Output {
        let mut command = emap(arguments);
        with_core(&mut command, &database, server.port())
            .env("SPRING_RABBITMQ_USERNAME", rabbitmq::USER)
            .env("SPRING_RABBITMQ_PASSWORD", rabbitmq::PASSWORD)
            .env("SPRING_RABBITMQ_HOST", server.host())
            .env("SPRING_RABBITMQ_VIRTUAL_HOST", &host);
        let output = command.output().unwrap();
        for printed in [text(&output.stdout), text(&output.stderr)] {
            assert!(!printed.contains("40711223"), "a body was printed: {printed}");
        }
        output
    };
    let sent = || database.value("SELECT count(replayed_at) FROM etl_message_reject");
    let end = "not from a queue of core: 0\n";

    let dry = run(&["--dry-run"]);
    let line = format!("rejects: 3, messages to send: 2, still unreadable: 1, {end}");
    assert_eq!((text(&dry.stdout), dry.status.code()), (line, Some(1)));
    assert_eq!(sent(), "0");

    let orders = run(&["--type", "LabOrderMsg"]);
    let line = format!("rejects: 1, messages sent: 1, still unreadable: 0, {end}");
    assert_eq!((text(&orders.stdout), orders.status.code()), (line, Some(0)), "{}", text(&orders.stderr));
    assert_eq!(sent(), "1");

    let rest = run(&[]);
    let line = format!("rejects: 2, messages sent: 1, still unreadable: 1, {end}");
    assert_eq!((text(&rest.stdout), rest.status.code()), (line, Some(1)));
    assert_eq!(sent(), "2");

    let again = run(&["--again", "--queue", "hl7Queue", "--source-id", "0000000001"]);
    let line = format!("rejects: 1, messages sent: 1, still unreadable: 0, {end}");
    assert_eq!((text(&again.stdout), again.status.code()), (line, Some(0)));
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let database = database::fresh();
    let said = |command: &mut Command| {
        let output = command.env("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", "ERROR").output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
        let said = text(&output.stderr);
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    };
    let missing = said(&mut emap(&[]));
    assert!(missing.contains("set UDS_JDBC_URL"), "{missing}");
    let port = said(with_core(&mut emap(&[]), &database, 1).env("SPRING_RABBITMQ_PORT", "rabbit"));
    assert!(port.contains("SPRING_RABBITMQ_PORT"), "{port}");
    let queue = said(with_core(&mut emap(&["--queue", "hl7queue"]), &database, 1));
    assert!(queue.contains("CORE_RABBITMQ_LISTEN_QUEUES"), "{queue}");
    let schema = said(with_core(&mut emap(&[]), &database, 1).env("UDS_SCHEMA", "elsewhere"));
    assert!(schema.contains("relation \"etl_"), "{schema}");
}

#[test]
fn a_type_that_does_not_exist_is_answered_with_those_that_do() {
    let output = emap(&["--type", "LabOrder"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("LabOrderMsg") && said.contains("AdmitPatient"), "{said}");
}

#[test]
fn ctrl_c_ends_the_wait_for_a_broker_and_nothing_counts_as_sent() {
    let database = database::fresh();
    rejects(&database);
    let child = with_core(&mut emap(&[]), &database, 1).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));
    let said = text(&output.stderr);
    assert!(said.ends_with("emap: stopped before all messages were sent\n"), "{said}");
    assert_eq!(database.value("SELECT count(replayed_at) FROM etl_message_reject"), "0");
}
