//! The end of all connections of the process: a program of its own, as no other test is to lose its connections.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use diesel::{QueryResult, connection::SimpleConnection};
use emap_local_services::postgres::{USER, shared};
use emap_postgres::{Config, ErrorClass, end_all_connections};
use emap_test_support::{
    database,
    faults::{
        plan::Action,
        postgres::{Fault, Filter, Kind, Proxy},
    },
};

const PATIENCE: Duration = Duration::from_secs(40);

/// Runs on a thread of its own.
fn started<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(work()));
    receiver
}

fn class_of(outcome: QueryResult<()>) -> Option<ErrorClass> {
    outcome.err().map(|error| ErrorClass::of(&error))
}

/// One after the other: each takes all connections away.
#[test]
fn all_connections_of_the_process_end() {
    connections_that_wait_end();
    local_connections_end_too();
}

fn connections_that_wait_end() {
    let database = database::empty();
    let proxy = Proxy::start(([127, 0, 0, 1], shared().port()).into()).unwrap();
    let url =
        format!("postgresql://{USER}@127.0.0.1:{}/{}?connect_timeout=600", proxy.port(), database.name());
    let config = Config::from_url(&url).unwrap();

    let mut long = config.connect_for_long_statements().unwrap();
    let (mut in_query, mut idle) = (config.connect().unwrap(), config.connect().unwrap());
    proxy.arm(Fault::at_client(Filter::statement("SELECT 1"), Action::Silence));
    let in_query = started(move || class_of(in_query.batch_execute("SELECT 1")));
    let long = started(move || class_of(long.batch_execute("SELECT pg_sleep(600)")));
    while proxy.seen().is_empty() {
        thread::yield_now();
    }
    proxy.arm(Fault::at_client(Kind::Startup, Action::Silence));
    let opening = started(move || config.connect().is_err());
    while proxy.seen().len() < 2 {
        thread::yield_now();
    }
    end_all_connections();
    assert_eq!(in_query.recv_timeout(PATIENCE), Ok(Some(ErrorClass::Lost)));
    assert_eq!(long.recv_timeout(PATIENCE), Ok(Some(ErrorClass::Lost)));
    assert_eq!(opening.recv_timeout(PATIENCE), Ok(true));
    assert_eq!(class_of(idle.batch_execute("SELECT 2")), Some(ErrorClass::Lost));
}

/// Over the server's local socket, which bears no mark.
fn local_connections_end_too() {
    let question = "SELECT setting FROM pg_settings WHERE name = 'unix_socket_directories'";
    let directory = database::empty().value(question).replace('/', "%2F");
    if directory.is_empty() {
        // The server's directory has too long a name for a socket.
        return;
    }
    let url = format!("postgresql://{USER}@{directory}:{}/postgres", shared().port());
    let mut connection = Config::from_url(&url).unwrap().connect_for_long_statements().unwrap();
    let waiting = started(move || class_of(connection.batch_execute("SELECT pg_sleep(600)")));
    let ended = loop {
        // The statement may not have been sent yet.
        end_all_connections();
        if let Ok(ended) = waiting.recv_timeout(Duration::from_millis(200)) {
            break ended;
        }
    };
    assert_eq!(ended, Some(ErrorClass::Lost));
}
