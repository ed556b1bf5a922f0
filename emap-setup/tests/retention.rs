//! `emap retention` as a timer starts it.
#![allow(clippy::unwrap_used)]

use std::{
    process::{Command, Output, Stdio},
    time::Duration,
};

use emap_test_support::{
    database::{self, Database},
    faults::process::Daemon,
};

const PATIENCE: Duration = Duration::from_secs(60);

fn settings(database: &Database, more: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("UDS_JDBC_URL", database.jdbc_url()),
        ("UDS_USERNAME", emap_local_services::postgres::USER.to_owned()),
        ("UDS_SCHEMA", database.schema().to_owned()),
    ];
    settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    settings
}

fn retention(database: &Database, more: &[(&'static str, &'static str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
    command.arg("retention").env_clear().envs(settings(database, more));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A row of the effect log and a reject for each of the last hundred days, and of the rejects every fifth was sent
/// again.
fn fill(database: &Database) {
    database.execute(
        "INSERT INTO etl_per_message_logging (id, processing_end_time)
         SELECT day, (now() AT TIME ZONE 'UTC') - day * interval '1 day' - interval '1 hour'
         FROM generate_series(0, 99) AS day;
         INSERT INTO etl_per_message_logging (id) VALUES (1000);
         INSERT INTO etl_message_reject (etl_message_reject_id, queue, reason, body, rejected_at, replayed_at)
         SELECT day, 'hl7Queue', 'no reason', 'no body', now() - day * interval '1 day' - interval '1 hour',
                CASE WHEN day % 5 = 0 THEN now() END
         FROM generate_series(0, 99) AS day",
    );
}

#[test]
fn everything_is_kept_unless_something_else_is_set() {
    let database = database::fresh();
    fill(&database);
    let expected = "bodies of rejects about removed persons: 0 removed, 0 numbers looked for\n\
                    effect log: kept for ever\nrejects of core: kept for ever\nrejects of the reader: kept for ever\n";
    assert_eq!(printed(&retention(&database, &[])), expected);
    assert_eq!(database.value("SELECT count(*) FROM etl_per_message_logging"), "101");
    assert_eq!(database.value("SELECT count(*) FROM etl_message_reject"), "100");
}

#[test]
fn what_is_older_goes_in_small_steps() {
    let database = database::fresh();
    fill(&database);
    // A session whose clock is elsewhere: the columns of the log are UTC without a zone.
    database.execute(&format!("ALTER DATABASE {} SET timezone TO 'Pacific/Auckland'", database.name()));
    let set = [
        ("RETENTION_EFFECT_LOG_DAYS", "10"),
        ("RETENTION_MESSAGE_REJECT_DAYS", "50"),
        ("RETENTION_IDS_REJECT_DAYS", "1"),
        ("RETENTION_BATCH_ROWS", "7"),
        ("RETENTION_PAUSE_MS", "1"),
    ];
    let text = printed(&retention(&database, &set));
    assert!(text.contains("effect log: 90 older than 10 days removed\n"), "{text}");
    assert!(
        text.contains("rejects of core: 50 older than 50 days removed, 40 of them never sent again\n"),
        "{text}"
    );
    assert!(text.contains("rejects of the reader: 0 older than 1 days removed"), "{text}");
    let kept = "SELECT count(*), min(id), count(processing_end_time) FROM etl_per_message_logging";
    assert_eq!(database.rows(kept), ["11|0|10"], "a row without a time is kept");
    assert_eq!(database.value("SELECT max(etl_message_reject_id) FROM etl_message_reject"), "49");

    let text = printed(&retention(&database, &set));
    assert!(text.contains("effect log: 0 older"), "{text}");
}

#[test]
fn bodies_of_removed_persons_go_and_their_numbers_are_forgotten() {
    let database = database::fresh();
    let class = "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient";
    database.execute(&format!(
        r#"INSERT INTO etl_person_removal VALUES
             (1, '40010023', '2031-05-01T10:00:00Z', now()), (2, '7100001', '2031-05-01T10:00:00Z', now());
           INSERT INTO etl_message_reject (etl_message_reject_id, queue, reason, body, rejected_at) VALUES
             (1, 'q', 'r', '{{"@class": "{class}", "mrn": "40010023", "recordedDateTime": "2031-05-01T09:00:00Z"}}', now()),
             (2, 'q', 'r', '{{"@class": "{class}", "mrn": "40010023", "recordedDateTime": "2031-05-01T11:00:00Z"}}', now()),
             (3, 'q', 'r', '{{"@class": "{class}", "mrn": "40010024", "visitNumber": "7100001"}}', now()),
             (4, 'q', 'r', '{{"@class": "{class}", "mrn": "40010024", "modeOfArrival": "40010023"}}', now()),
             (5, 'q', 'r', 'cut off: 40010023', now());
           INSERT INTO etl_message_reject (etl_message_reject_id, queue, reason, body, rejected_at)
           SELECT 1000 + n, 'q', 'r', 'somebody else', now() FROM generate_series(1, 450) AS n"#
    ));
    let text = printed(&retention(&database, &[("RETENTION_PAUSE_MS", "1")]));
    assert!(text.contains("removed persons: 3 removed, 2 numbers looked for\n"), "{text}");
    let without = "SELECT etl_message_reject_id FROM etl_message_reject WHERE body = '' ORDER BY 1";
    assert_eq!(database.rows(without), ["1", "3", "5"]);
    assert_eq!(database.value("SELECT count(*) FROM etl_person_removal"), "0");
}

#[test]
fn a_signal_stops_it_between_two_steps() {
    let database = database::fresh();
    fill(&database);
    let mut command = Daemon::build(env!("CARGO_BIN_EXE_emap")).argument("retention");
    let set = [
        ("RETENTION_EFFECT_LOG_DAYS", "10"),
        ("RETENTION_BATCH_ROWS", "7"),
        ("RETENTION_PAUSE_MS", "3600000"),
    ];
    for (name, value) in settings(&database, &set) {
        command = command.environment(name, value);
    }
    let directory = tempfile::tempdir().unwrap();
    let mut running = command.spawn(directory.path().join("log")).unwrap();
    let begin = std::time::Instant::now();
    while database.value("SELECT count(*) FROM etl_per_message_logging") != "94" {
        assert!(begin.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(20));
    }
    running.terminate();
    assert_eq!(running.wait(PATIENCE).unwrap().code(), Some(1));
    let log = std::fs::read_to_string(running.log()).unwrap();
    assert!(log.contains("effect log: 7 older than 10 days removed"), "{log}");
    assert!(log.contains("stopped before the end"), "{log}");
}

#[test]
fn one_at_a_time() {
    let database = database::fresh();
    let mut other = database.connection();
    diesel::connection::SimpleConnection::batch_execute(
        &mut other,
        "SELECT pg_advisory_lock(hashtextextended('emap retention star', 0))",
    )
    .unwrap();
    let output = retention(&database, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.ends_with("emap: another `emap retention` is at work in schema \"star\"\n"), "{text}");
}
