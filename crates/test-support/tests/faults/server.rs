//! Servers that are up and unwilling.

use std::time::Duration;

use diesel::{Connection as _, PgConnection, connection::SimpleConnection};
use emap_local_services::{postgres, rabbitmq};
use emap_test_support::{
    database::{self, Database},
    faults::{
        postgres::SqlState,
        server::{NoDisk, SmallDisk, postgres as unwilling, rabbitmq as alarmed},
    },
};
use futures::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::FieldTable,
};

/// A database with a table, the faults of its server, and a role that may write.
fn site(role: &str) -> (Database, unwilling::Database, String) {
    let database = database::empty();
    database.execute(&format!(
        "CREATE SCHEMA star; CREATE TABLE star.note (text text); \
         DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN OTHERS THEN NULL; END $$; \
         GRANT USAGE ON SCHEMA star TO {role}; GRANT INSERT, SELECT ON star.note TO {role}"
    ));
    let faults = unwilling::Database::new(&database.url(), database.name());
    let url = database.url().replace("emap@", &format!("{role}@"));
    (database, faults, url)
}

/// What comes of one insert in a session of its own, as psql prints it.
fn insert(url: &str) -> String {
    statement(url, "INSERT INTO star.note VALUES ('a')")
}

fn statement(url: &str, statement: &str) -> String {
    let output = std::process::Command::new("psql")
        .args(["-X", "-q", "-At", "-v", "VERBOSITY=verbose", "-d", url, "-c", statement])
        .output()
        .unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn each_fault_gives_its_state_and_ends_when_it_is_dropped() {
    let (database, faults, url) = site("emap_faults_writer");
    assert_eq!(insert(&url), "");
    let expect = |state: &str, fault: unwilling::Lasting| {
        let answer = insert(&url);
        assert!(answer.contains(&format!("{state}:")), "{state}: {answer}");
        fault.end();
        assert_eq!(insert(&url), "", "after {state}");
    };
    expect("25006", faults.read_only());
    expect("42501", faults.revoked("INSERT", "star.note", "emap_faults_writer"));
    expect("42P01", faults.table_gone("star", "note"));
    expect("53100", faults.refusing("star.note", SqlState::DISK_FULL));
    expect("58030", faults.refusing("star.note", SqlState::IO_ERROR));
    let slow = faults.statement_timeout(50);
    assert!(statement(&url, "SELECT pg_sleep(5)").contains("57014:"));
    slow.end();
    assert_eq!(database.value("SELECT count(*) FROM note"), "6");
}

#[test]
fn a_locked_table_waits_and_a_taken_advisory_lock_is_taken() {
    let (_database, faults, url) = site("emap_faults_writer");
    let locked = faults.locked("star.note");
    let limited = "SET lock_timeout = 100; INSERT INTO star.note VALUES ('a')";
    assert!(statement(&url, limited).contains("55P03:"));
    locked.end();
    assert_eq!(statement(&url, limited), "");
    let taken = faults.advisory_lock(4711);
    assert_eq!(statement(&url, "SELECT pg_try_advisory_lock(4711)"), "f\n");
    taken.end();
    let begin = std::time::Instant::now();
    while statement(&url, "SELECT pg_try_advisory_lock(4711)") != "t\n" {
        assert!(begin.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn no_place_is_left_for_another_connection() {
    let (_database, faults, url) = site("emap_faults_writer");
    let limited = faults.no_more_connections();
    // The client library does not pass the state on when it cannot connect.
    assert!(insert(&url).contains("too many connections"));
    limited.end();
    assert_eq!(insert(&url), "");
    let settings = vec![
        ("max_connections".to_owned(), "6".to_owned()),
        ("superuser_reserved_connections".to_owned(), "1".to_owned()),
        ("max_wal_senders".to_owned(), "0".to_owned()),
    ];
    let server = postgres::Server::start(postgres::Options { settings, ..Default::default() }).unwrap();
    let faults = unwilling::Database::new(&server.url(), "postgres");
    let (taken, count) = faults.all_connections_taken();
    assert_eq!(count, 6);
    assert!(PgConnection::establish(&server.url()).is_err());
    taken.end();
    // The server takes a moment to notice.
    let begin = std::time::Instant::now();
    while PgConnection::establish(&server.url()).is_err() {
        assert!(begin.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn a_full_disk_refuses_rows_until_there_is_room() {
    let server = postgres::Server::start(postgres::Options::default()).unwrap();
    server.query("postgres", "CREATE TABLE note (text text)").unwrap();
    let database = unwilling::Database::new(&server.url(), "postgres");
    let mut disk = match SmallDisk::mount(&server, database, 4) {
        Ok(disk) => disk,
        // Not everybody may mount; then this is what the caller learns.
        Err(error) => return assert!(matches!(error, NoDisk::NotMounted(_)), "{error}"),
    };
    disk.take("public.note");
    let insert = "INSERT INTO note SELECT repeat(i::text, 1000) FROM generate_series(1, 100) AS i";
    assert_eq!(statement(&server.url(), insert), "");
    disk.fill().unwrap();
    let answer = statement(&server.url(), insert);
    assert!(answer.contains("53100:"), "{answer}");
    disk.make_room().unwrap();
    assert_eq!(statement(&server.url(), insert), "");
    drop(disk);
    assert_eq!(server.query("postgres", "SELECT count(*) FROM note").unwrap(), "200");
    assert!(!server.dir().unwrap().join("small-disk").exists());
}

#[test]
fn sessions_are_ended_and_clients_begin_new_ones() {
    let (database, faults, url) = site("emap_faults_writer");
    let mut connection = PgConnection::establish(&url).unwrap();
    faults.end_sessions();
    assert!(connection.batch_execute("SELECT 1").is_err());
    assert_eq!(insert(&url), "");
    assert_eq!(database.value("SELECT count(*) FROM note"), "1");
}

async fn open(server: &rabbitmq::Server) -> (Connection, Channel) {
    let connection = Connection::connect(&server.url("/"), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare("faults".into(), durable, FieldTable::default()).await.unwrap();
    (connection, channel)
}

async fn publish(channel: &Channel) -> lapin::Result<()> {
    let options = BasicPublishOptions::default();
    let sent = channel.basic_publish("".into(), "faults".into(), options, b"x", BasicProperties::default());
    sent.await?.await.map(drop)
}

/// One test for all, as each needs a broker of its own.
#[tokio::test(flavor = "multi_thread")]
async fn alarms_block_publishers_until_they_end_and_late_consumers_lose_their_channel() {
    let server = rabbitmq::Server::start(rabbitmq::Options::default()).unwrap();
    let (while_alarmed, soon) = (Duration::from_millis(500), Duration::from_secs(30));
    let mut published = 0;
    for alarm in [alarmed::memory_alarm, alarmed::disk_alarm] {
        let (_connection, channel) = open(&server).await;
        let lasting = alarm(&server);
        // A connection is blocked when it publishes; the broker may take a moment to raise the alarm.
        let blocked = async { while tokio::time::timeout(while_alarmed, publish(&channel)).await.is_ok() {} };
        tokio::time::timeout(soon, blocked).await.expect("an alarm");
        lasting.end();
        tokio::time::timeout(soon, publish(&channel)).await.expect("the end of the alarm").unwrap();
        published += 2;
    }
    let (ready, taken) = alarmed::queue_length(&server, "/", "faults").unwrap();
    assert!(ready >= published && taken == 0, "{ready} {taken}");
    alarmed::consumer_timeout(&server, Duration::from_secs(2));
    let (_connection, channel) = open(&server).await;
    let options = BasicConsumeOptions::default();
    let mut consumer =
        channel.basic_consume("faults".into(), "".into(), options, FieldTable::default()).await.unwrap();
    assert!(consumer.next().await.unwrap().is_ok());
    let end = async { while let Some(Ok(_)) = consumer.next().await {} };
    tokio::time::timeout(soon, end).await.expect("the channel is closed");
    let (ready, taken) = alarmed::queue_length(&server, "/", "faults").unwrap();
    assert!(ready >= published && taken == 0, "{ready} {taken}");
    alarmed::delete_queue(&server, "/", "faults");
    assert_eq!(alarmed::queue_length(&server, "/", "faults"), None);
    let (_connection, declared_again) = open(&server).await;
    assert_eq!(alarmed::queue_length(&server, "/", "faults"), Some((0, 0)));
    alarmed::close_connections(&server);
    assert!(tokio::time::timeout(soon, publish(&declared_again)).await.unwrap().is_err());
}
