//! Servers that are stopped and killed.

use std::{
    collections::HashSet,
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use emap_hl7::mllp::{Deframer, frame};
use emap_local_services::{postgres, rabbitmq};

use super::{
    messages::adt,
    site::{Listener, Site, eventually, free_port},
};

/// Sends messages over MLLP, a few at a time, whatever happens to the connection; notes which were accepted.
fn send_until(done: &AtomicBool, port: u16, prefix: &str, accepted: &Mutex<Vec<String>>) {
    let mut number = 0;
    while !done.load(Ordering::Relaxed) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut deframer = Deframer::new(1 << 20);
        let mut buffer = [0; 4096];
        'connection: while !done.load(Ordering::Relaxed) {
            let ids: Vec<String> = (0..10).map(|more| format!("{prefix}-{}", number + more)).collect();
            number += 10;
            let frames: Vec<u8> = ids.iter().flat_map(|id| frame(adt("A01", id, "").as_bytes())).collect();
            if stream.write_all(&frames).is_err() {
                break;
            }
            for id in ids {
                let answer = loop {
                    if let Some(answer) = deframer.next_message().unwrap() {
                        break String::from_utf8(answer).unwrap();
                    }
                    match stream.read(&mut buffer) {
                        Ok(length @ 1..) => deframer.extend(&buffer[..length]),
                        _ => break 'connection,
                    }
                };
                assert!(answer.contains(&format!("MSA|AA|{id}\r")), "{answer}");
                accepted.lock().unwrap().push(id);
            }
        }
    }
}

/// Sets it when it is dropped.
struct AtEnd<'a>(&'a AtomicBool);

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A connector, not started yet, whose database is on a server of its own; the broker is not needed.
fn with_own_server() -> (postgres::Server, Site) {
    let server = postgres::Server::start(postgres::Options::default()).unwrap();
    server.create_database("connector").unwrap();
    let site = Site::new(&[
        ("DATABASE_PORT", server.port().to_string()),
        ("DATABASE_NAME", "connector".to_owned()),
        ("RABBITMQ_DISABLED", "true".to_owned()),
    ]);
    (server, site)
}

/// Three senders, while something is done to the deployment; gives which messages were accepted.
fn accepted_while(port: u16, something: impl FnOnce()) -> Vec<String> {
    let (done, accepted) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for sender in ["a", "b", "c"] {
            let (done, accepted) = (&done, &accepted);
            scope.spawn(move || send_until(done, port, sender, accepted));
        }
        // Senders end with the test, however it ends.
        let _end = AtEnd(&done);
        let so_far = |count: usize| accepted.lock().unwrap().len() > count;
        eventually("messages before", || so_far(100).then_some(()));
        something();
        let count = accepted.lock().unwrap().len();
        eventually("messages after", || so_far(count + 100).then_some(()));
    });
    accepted.into_inner().unwrap()
}

#[test]
fn what_was_accepted_outlives_crashes_of_the_database() {
    let (server, mut site) = with_own_server();
    site.start();
    site.await_ready();
    let accepted = accepted_while(site.mllp_port, || {
        for _ in 0..2 {
            server.crash().unwrap();
            server.start_again().unwrap();
            site.await_ready();
        }
    });
    let stored = server.query("connector", "SELECT message_control_id FROM hl7_message").unwrap();
    let stored: HashSet<&str> = stored.lines().collect();
    let lost: Vec<_> = accepted.iter().filter(|id| !stored.contains(id.as_str())).collect();
    assert!(lost.is_empty(), "of {}: {lost:?}", accepted.len());
}

#[test]
fn a_killed_connector_loses_nothing_and_publishes_in_order() {
    let mut site = Site::ready(&[]);
    let listener = Listener::bind(rabbitmq::shared(), &site.virtual_host);
    let port = site.mllp_port;
    let accepted = accepted_while(port, || {
        site.kill();
        site.start();
        site.await_ready();
    });
    eventually("everything published", || {
        (site.database.value("SELECT count(*) FROM public.connector_outbox") == "0").then_some(())
    });
    let mut published = Vec::new();
    while let Some((_, text)) = listener.try_next() {
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let uuid = document["dhos_connector_message_uuid"].as_str().unwrap().to_owned();
        // After a kill the last ones may come again.
        if !published.contains(&uuid) {
            published.push(uuid);
        }
    }
    let keys = "SELECT message_control_id, uuid FROM public.hl7_message WHERE message_control_id IS NOT NULL";
    let rows = site.database.rows(keys);
    let keys: std::collections::HashMap<&str, &str> =
        rows.iter().filter_map(|row| row.split_once('|')).collect();
    let mut places = Vec::new();
    for sender in ["a-", "b-", "c-"] {
        let of_sender = accepted.iter().filter(|id| id.starts_with(sender));
        let sent: Vec<usize> = of_sender
            .map(|id| {
                published.iter().position(|uuid| uuid == keys[id.as_str()]).unwrap_or_else(|| panic!("{id}"))
            })
            .collect();
        assert!(sent.is_sorted(), "{sent:?}");
        places.extend(sent);
    }
    assert_eq!(places.len(), accepted.len());
}

#[test]
fn a_broker_outage_changes_nothing_for_the_sender() {
    let broker = rabbitmq::Server::start(rabbitmq::Options::default()).unwrap();
    let mut site =
        Site::new(&[("RABBITMQ_PORT", broker.port().to_string()), ("RABBITMQ_VIRTUAL_HOST", "/".to_owned())]);
    site.start();
    site.await_ready();
    let listener = Listener::bind(&broker, "/");
    site.accepted(&adt("A01", "0", ""));
    listener.next();
    drop(listener);
    broker.stop().unwrap();
    eventually("not ready", || (site.get("/health/ready").status == 503).then_some(()));
    for number in 1..=20 {
        let (_, ack) = site.accepted(&adt("A01", &number.to_string(), ""));
        assert!(ack.contains("MSA|AA|"), "{ack}");
    }
    eventually("the figure", || {
        site.get("/metrics").body.contains("emap_connector_outbox_pending 20").then_some(())
    });
    // What waits outlives the daemon.
    site.kill();
    broker.start_again().unwrap();
    site.start();
    site.await_ready();
    let listener = Listener::bind(&broker, "/");
    for number in 1..=20 {
        let (properties, published) = listener.next();
        assert!(properties.correlation_id().is_some());
        let uuid =
            serde_json::from_str::<serde_json::Value>(&published).unwrap()["dhos_connector_message_uuid"]
                .as_str()
                .unwrap()
                .to_owned();
        let id = site
            .database
            .value(&format!("SELECT message_control_id FROM public.hl7_message WHERE uuid = '{uuid}'"));
        assert_eq!(id, number.to_string());
    }
    eventually("empty", || {
        (site.database.value("SELECT count(*) FROM public.connector_outbox") == "0").then_some(())
    });
    assert!(listener.try_next().is_none());
}

#[test]
fn nothing_is_acknowledged_without_the_database_and_everything_after_it_is_back() {
    let (server, mut site) = with_own_server();
    server.stop().unwrap();
    // It starts without its database.
    site.start();
    eventually("running", || site.try_request("GET", "/running", &[], ""));
    assert_eq!(site.get("/health/live").status, 200);
    assert_eq!(site.get("/health/ready").status, 503);
    let answer = site.post(&adt("A01", "1", ""));
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["message"], "Database connection failed: Service unavailable");
    let mut stream = site.mllp();
    stream.write_all(&frame(adt("A01", "2", "").as_bytes())).unwrap();
    let mut answered = Vec::new();
    let _ = stream.read_to_end(&mut answered);
    assert!(answered.is_empty());
    server.start_again().unwrap();
    site.await_ready();
    assert!(site.accepted(&adt("A01", "1", "")).1.contains("MSA|AA|1"));
    server.crash().unwrap();
    eventually("not ready", || (site.get("/health/ready").status == 503).then_some(()));
    assert_eq!(site.post(&adt("A01", "3", "")).status, 503);
    server.start_again().unwrap();
    site.await_ready();
    assert!(site.accepted(&adt("A01", "3", "")).1.contains("MSA|AA|3"));
    assert_eq!(server.query("connector", "SELECT count(*) FROM hl7_message").unwrap(), "2");
}

#[test]
fn an_older_database_is_adopted() {
    let database = emap_test_support::database::empty();
    database.execute(
        "SET search_path TO public;
         CREATE TABLE hl7_message (uuid varchar(36) NOT NULL CONSTRAINT hl7_message_pkey PRIMARY KEY, created timestamp NOT NULL,
             created_by_ varchar NOT NULL, modified timestamp NOT NULL, modified_by_ varchar NOT NULL, content varchar,
             message_type varchar, is_processed boolean NOT NULL, src_description varchar, dst_description varchar,
             sent_at_ timestamp, message_control_id varchar, ack varchar, patient_identifiers json);
         CREATE UNIQUE INDEX ix_hl7_message_message_control_id ON hl7_message (message_control_id);
         CREATE TABLE alembic_version (version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY);
         INSERT INTO alembic_version VALUES ('750f62cf51e5');
         INSERT INTO hl7_message VALUES
             ('old', '2020-01-01 01:02:03.456789', 'a', '2020-01-01', 'b', 'MSH', NULL, false, 'dhos', 'mirth', NULL, NULL, NULL, 'null'),
             ('known', '2020-01-01', 'a', '2020-01-01', 'b', 'x', NULL, false, 'tie', 'dhos', NULL, 'c-1', NULL,
              '{\"MRN\": \"\\u00e9\"}')",
    );
    let mut site = Site::of_database(
        database,
        &[("RABBITMQ_DISABLED", "true".to_owned()), ("CONNECTOR_MLLP_PORT", free_port().to_string())],
    );
    let migrated = site.command(&["migrate"]).output().unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    site.start();
    site.await_ready();
    assert_eq!(site.get("/dhos/v1/message/old").json()["created"], "2020-01-01T01:02:03.456Z");
    assert!(site.accepted(&adt("A01", "c-1", "")).1.contains("MSA|AR|"));
    let found = site.get("/dhos/v1/message/search?identifier_type=MRN&identifier=%C3%A9").json();
    assert_eq!(found[0]["uuid"], "known");
    // What the older service left undone is not sent.
    assert!(site.get("/dhos/v1/deliveries").json().as_array().unwrap().is_empty());
    assert!(site.mirth.asked().is_empty());
}
