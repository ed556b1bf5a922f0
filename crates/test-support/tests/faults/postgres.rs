//! The proxy in front of PostgreSQL.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use diesel::{ExecuteCopyFromDsl, connection::SimpleConnection, prelude::*, sql_query, sql_types::Integer};
use emap_local_services::postgres::{USER, shared};
use emap_test_support::{
    database::{self, Database},
    faults::{
        plan::{Action, Side},
        postgres::{Fault, Filter, Kind, Proxy, SqlState},
    },
};

diesel::table! {
    star.note (text) {
        text -> Text,
    }
}

/// A database with an empty table `note`, and a proxy in front of its server.
fn site() -> (Database, Proxy) {
    let database = database::empty();
    database.execute("CREATE SCHEMA star; CREATE TABLE star.note (text text)");
    (database, Proxy::start(server()).unwrap())
}

fn server() -> SocketAddr {
    ([127, 0, 0, 1], shared().port()).into()
}

fn url(database: &Database, proxy: &Proxy) -> String {
    // As the server's own URL: encryption is requested, if the client library can.
    format!("postgresql://{USER}@127.0.0.1:{}/{}", proxy.port(), database.name())
}

fn connect(database: &Database, proxy: &Proxy) -> PgConnection {
    PgConnection::establish(&url(database, proxy)).unwrap()
}

fn notes(database: &Database) -> Vec<String> {
    database.rows("SELECT text FROM note ORDER BY text")
}

/// An extended query, as diesel sends all that is not a batch.
fn insert(connection: &mut PgConnection, text: &str) -> QueryResult<usize> {
    sql_query("INSERT INTO star.note VALUES ($1)")
        .bind::<diesel::sql_types::Text, _>(text)
        .execute(connection)
}

/// A small conversation: a transaction with a simple and an extended statement, and data by COPY.
fn conversation(connection: &mut PgConnection) -> QueryResult<()> {
    connection.transaction(|connection| {
        connection.batch_execute("SET LOCAL synchronous_commit = off")?;
        insert(connection, "one")?;
        connection.batch_execute("INSERT INTO star.note VALUES ('two')")
    })
}

/// Two rows by COPY in an extended query, as diesel sends it.
fn copy(connection: &mut PgConnection) -> QueryResult<usize> {
    diesel::copy_from(note::table)
        .from_raw_data(note::table, |data| -> QueryResult<()> {
            data.write_all(b"a\nb\n").map_err(|error| diesel::result::Error::SerializationError(error.into()))
        })
        .execute(connection)
}

/// SQLSTATE of an error, as far as psql shows it: diesel keeps it to itself.
fn psql(proxy: &Proxy, database: &Database, script: &str) -> String {
    let output = std::process::Command::new("psql")
        .args(["-X", "-q", "-At", "-v", "VERBOSITY=verbose", "-d", &url(database, proxy), "-c", script])
        .output()
        .unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// The same with each statement sent by itself, in one session.
fn psql_statements(proxy: &Proxy, database: &Database, statements: &[&str]) -> String {
    let mut command = std::process::Command::new("psql");
    command.args(["-X", "-q", "-At", "-v", "VERBOSITY=verbose", "-d", &url(database, proxy)]);
    for statement in statements {
        command.args(["-c", statement]);
    }
    let output = command.output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn without_a_plan_everything_passes_and_is_counted() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    conversation(&mut connection).unwrap();
    // Rows by COPY in both directions, larger than any buffer.
    let many = "INSERT INTO star.note SELECT repeat('x', 1000) FROM generate_series(1, 5000)";
    connection.batch_execute(many).unwrap();
    assert_eq!(psql(&proxy, &database, "COPY star.note TO STDOUT").lines().count(), 5002);
    assert_eq!(proxy.seen(), []);
    let positions = proxy.positions();
    assert!(positions.client > 10 && positions.server > 5000, "{positions:?}");
    assert_eq!(positions.connections, 2);
    drop(connection);
    until(|| proxy.open() == 0);
}

#[test]
fn the_lost_answer_of_a_commit_leaves_the_row_committed() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    proxy.arm(Fault::at_client(Filter::statement("COMMIT"), Action::LoseAnswer).nth(2));
    connection.transaction(|connection| insert(connection, "first")).unwrap();
    let lost = connection.transaction(|connection| insert(connection, "second"));
    assert!(lost.is_err());
    assert_eq!(notes(&database), ["first", "second"]);
    let seen = proxy.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].message.as_str(), seen[0].action), ("Query", "lose answer"));
    // It happens once.
    connect(&database, &proxy).transaction(|connection| insert(connection, "third")).unwrap();
}

/// COPY in an extended query, as diesel sends it, has a Sync that the server does not answer.
#[test]
fn the_lost_answer_of_a_commit_after_copy_leaves_the_rows_committed() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    let mut copy = || connection.transaction(copy);
    assert_eq!(copy(), Ok(2));
    assert_eq!(copy(), Ok(2));
    proxy.arm(Fault::at_client(Filter::statement("COMMIT"), Action::LoseAnswer));
    assert!(copy().is_err());
    assert_eq!(notes(&database).len(), 6);
    assert_eq!(proxy.seen().len(), 1);
}

#[test]
fn a_cut_commit_is_not_committed() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    proxy.arm(Fault::at_client(Filter::statement("commit"), Action::Cut));
    assert!(connection.transaction(|connection| insert(connection, "lost")).is_err());
    assert_eq!(notes(&database), Vec::<String>::new());
}

#[test]
fn a_refused_query_gives_its_state_and_the_session_goes_on() {
    let (database, proxy) = site();
    for state in ["53100", "25006", "XX000", "40001"] {
        let refusal = SqlState::new(state).unwrap();
        proxy.arm(Fault::at_client(Filter::statement("INSERT"), Action::Refuse(refusal)));
        let answer = psql_statements(
            &proxy,
            &database,
            &[
                "INSERT INTO star.note VALUES ('refused')",
                "INSERT INTO star.note VALUES ('kept')",
                "SELECT 'on'",
            ],
        );
        assert!(answer.contains(&format!("ERROR:  {state}")) && answer.contains("on\n"), "{answer}");
    }
    assert_eq!(notes(&database), ["kept"; 4]);
}

#[test]
fn a_refused_statement_fails_the_transaction_and_a_refused_commit_rolls_back() {
    let (database, proxy) = site();
    proxy.arm(Fault::at_client(Filter::statement("INSERT"), Action::Refuse(SqlState::DISK_FULL)).nth(2));
    let insert = "INSERT INTO star.note VALUES ('a')";
    let answer =
        psql_statements(&proxy, &database, &["BEGIN", insert, insert, "SELECT 1", "COMMIT", "SELECT 'on'"]);
    assert!(answer.contains("53100") && answer.contains("25P02") && answer.contains("on\n"), "{answer}");
    proxy.arm(Fault::at_client(Filter::statement("COMMIT"), Action::Refuse(SqlState::SERIALIZATION_FAILURE)));
    let answer = psql_statements(&proxy, &database, &["BEGIN", insert, "COMMIT", "SELECT 'on'", "COMMIT"]);
    // The transaction has ended: the last COMMIT has nothing to end.
    assert!(answer.contains("40001") && answer.contains("on\n") && answer.contains("25P01"), "{answer}");
    assert_eq!(notes(&database), Vec::<String>::new());
}

#[test]
fn every_extended_message_can_be_refused_and_the_session_goes_on() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    for kind in [Kind::Parse, Kind::Bind, Kind::Execute, Kind::Describe, Kind::Sync] {
        proxy.arm(Fault::at_client(kind, Action::Refuse(SqlState::OUT_OF_MEMORY)));
        let before = proxy.seen().len();
        // A statement of its own for each kind, so that it is parsed.
        let statement = format!("INSERT INTO star.note VALUES ($1 || '{kind:?}')");
        let refused =
            sql_query(&statement).bind::<diesel::sql_types::Text, _>("refused ").execute(&mut connection);
        assert_eq!(proxy.seen().len(), before + 1, "{kind:?}");
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("fault injector"), "{kind:?}: {error}");
        let one = diesel::select(diesel::dsl::sql::<Integer>("1")).get_result::<i32>(&mut connection);
        assert_eq!(one, Ok(1), "{kind:?}");
    }
    assert_eq!(notes(&database), Vec::<String>::new());
    insert(&mut connection, "kept").unwrap();
    assert_eq!(notes(&database), ["kept"]);
}

#[test]
fn refused_data_ends_copy_and_the_session_goes_on() {
    let (database, proxy) = site();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notes");
    std::fs::write(&file, "x\n".repeat(20_000)).unwrap();
    proxy.arm(Fault::at_client(Kind::CopyData, Action::Refuse(SqlState::DISK_FULL)).nth(2));
    let copy = format!("\\copy star.note from '{}'", file.display());
    let answer = psql_statements(&proxy, &database, &[&copy, "SELECT 'on'"]);
    assert!(answer.contains("53100") && answer.contains("on\n"), "{answer}");
    assert_eq!(notes(&database).len(), 0);
    // The answer of the whole COPY is lost; its rows are there.
    proxy.arm(Fault::at_client(Kind::CopyDone, Action::LoseAnswer));
    let answer = psql_statements(&proxy, &database, &[&copy]);
    assert!(answer.contains("connection"), "{answer}");
    assert_eq!(notes(&database).len(), 20_000);
}

#[test]
fn states_that_end_the_session_do_and_a_start_can_be_refused() {
    let (database, proxy) = site();
    proxy.arm(Fault::at_client(Filter::statement("SELECT"), Action::Refuse(SqlState::ADMIN_SHUTDOWN)));
    let answer = psql_statements(&proxy, &database, &["SELECT 1"]);
    assert!(answer.contains("FATAL:  57P01"), "{answer}");
    proxy.arm(Fault::at_client(Kind::Startup, Action::Refuse(SqlState::TOO_MANY_CONNECTIONS)).times(2));
    for _ in 0..2 {
        let refused = PgConnection::establish(&url(&database, &proxy)).err().unwrap().to_string();
        assert!(refused.contains("FATAL") && refused.contains("fault injector"), "{refused}");
    }
    connect(&database, &proxy);
}

#[test]
fn a_stalled_connection_waits_until_it_is_released_and_others_do_not() {
    let (database, proxy) = site();
    let (mut stalled, mut other) = (connect(&database, &proxy), connect(&database, &proxy));
    proxy.arm(Fault::at_client(Filter::statement("one"), Action::Stall(None)));
    let waiting = std::thread::spawn(move || insert_text(&mut stalled, "one"));
    until(|| proxy.seen().len() == 1);
    insert_text(&mut other, "two").unwrap();
    assert!(!waiting.is_finished());
    assert_eq!(notes(&database), ["two"]);
    proxy.release();
    waiting.join().unwrap().unwrap();
    assert_eq!(notes(&database), ["one", "two"]);
}

#[test]
fn when_all_are_held_a_new_connection_is_too() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    proxy.arm(Fault::at_client(Filter::statement("one"), Action::StallAll));
    let url = format!("{}?connect_timeout=2", url(&database, &proxy));
    let first = std::thread::spawn(move || insert_text(&mut connection, "one"));
    until(|| proxy.seen().len() == 1);
    assert!(PgConnection::establish(&url).is_err());
    assert!(!first.is_finished());
    proxy.release();
    first.join().unwrap().unwrap();
    PgConnection::establish(&url).unwrap();
}

#[test]
fn a_delay_and_a_stall_for_a_time_end_by_themselves() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    let time = Duration::from_millis(300);
    for action in [Action::Delay(time), Action::Stall(Some(time))] {
        proxy.arm(Fault::at_client(Filter::statement("INSERT"), action));
        let begin = Instant::now();
        insert_text(&mut connection, "late").unwrap();
        assert!(begin.elapsed() >= time);
    }
}

#[test]
fn a_silent_server_never_answers_and_a_cut_ends_the_wait() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    proxy.arm(Fault::at_client(Filter::statement("one"), Action::Silence));
    let waiting = std::thread::spawn(move || insert_text(&mut connection, "one"));
    until(|| proxy.seen().len() == 1);
    proxy.release();
    std::thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    proxy.cut();
    assert!(waiting.join().unwrap().is_err());
    assert_eq!(notes(&database), Vec::<String>::new());
}

#[test]
fn messages_of_a_connection_are_counted_by_themselves() {
    let (database, proxy) = site();
    let (mut one, mut two) = (connect(&database, &proxy), connect(&database, &proxy));
    let third = Fault::at_client(Filter::statement("INSERT"), Action::Cut).nth(3).per_connection().always();
    proxy.arm(third);
    for connection in [&mut one, &mut two] {
        insert_text(connection, "a").unwrap();
        insert_text(connection, "b").unwrap();
        assert!(insert_text(connection, "c").is_err());
    }
    assert_eq!(proxy.seen().iter().map(|seen| seen.connection).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(notes(&database), ["a", "a", "b", "b"]);
}

#[test]
fn a_dropped_proxy_ends_its_connections() {
    let (database, proxy) = site();
    let mut connection = connect(&database, &proxy);
    proxy.hold();
    let address = proxy.address();
    drop(proxy);
    assert!(insert_text(&mut connection, "a").is_err());
    assert!(std::net::TcpStream::connect(address).is_err());
}

/// For each position of a small conversation and each kind of fault: the conversation ends, with all or nothing in the
/// table; and if the client saw success, it is all.
#[test]
fn a_sweep_over_every_position_ends_with_all_or_nothing() {
    let (database, proxy) = site();
    proxy.arm(emap_test_support::faults::postgres::FaultPlan::none());
    conversation(&mut connect(&database, &proxy)).unwrap();
    until(|| proxy.open() == 0);
    let positions = proxy.positions();
    database.execute("DELETE FROM note");
    let actions = [
        Action::Cut,
        Action::Stall(Some(Duration::from_millis(5))),
        Action::Refuse(SqlState::DISK_FULL),
        Action::LoseAnswer,
    ];
    let mut tried = 0;
    for (side, number) in positions.all() {
        for action in &actions {
            proxy.arm(Fault::at(side, Filter::any(), action.clone()).nth(number));
            let session = PgConnection::establish(&url(&database, &proxy));
            let succeeded = session.ok().is_some_and(|mut connection| conversation(&mut connection).is_ok());
            until(|| proxy.open() == 0);
            let found = notes(&database).len();
            assert!(
                found == 2 || (found == 0 && !succeeded),
                "{side:?} {number} {action:?}: {found}, succeeded {succeeded}"
            );
            database.execute("DELETE FROM note");
            tried += 1;
        }
    }
    let happened = proxy.seen().len();
    println!(
        "{} messages of the client, {} of the server: {tried} faults tried, {happened} happened",
        positions.client, positions.server
    );
    assert!(positions.client > 8 && positions.server > 8, "{positions:?}");
    // A message more or less at the end of a session depends on when it is closed.
    assert!(happened + 2 * actions.len() >= tried, "{happened} of {tried}");
    assert!(proxy.seen().iter().any(|seen| seen.side == Side::Server));
}

fn insert_text(connection: &mut PgConnection, text: &str) -> QueryResult<()> {
    connection.batch_execute(&format!("INSERT INTO star.note VALUES ('{text}')"))
}

fn until(condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(30), "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}
