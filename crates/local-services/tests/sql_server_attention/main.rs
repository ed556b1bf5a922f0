//! A client of the stand-in for SQL Server that ends what it has asked for: by attention, or by hanging up.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod tds;

use std::time::{Duration, Instant};

use emap_local_services::{
    postgres,
    sql_server::{Database, Fault, Server},
};

use crate::tds::Client;

/// Far less than any of the requests below would take.
const SOON: Duration = Duration::from_secs(20);
/// Ten thousand million rows to be counted.
const ENDLESS: &str = "WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 100) \
    SELECT COUNT(*) FROM n AS a CROSS JOIN n AS b CROSS JOIN n AS c CROSS JOIN n AS d CROSS JOIN n AS e";

fn server() -> (Server, Database) {
    let server = Server::start().unwrap();
    let database = server.fresh_database("attention").unwrap();
    (server, database)
}

/// Statements of the database that PostgreSQL works on.
fn active(database: &Database) -> String {
    let query = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND state = 'active'",
        database.name()
    );
    postgres::shared().query("postgres", &query).unwrap().trim().to_owned()
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn assert_usable(client: &mut Client) {
    client.batch("SELECT 'still here' AS a");
    let answer = client.message();
    assert!(tds::contains(&answer, "still here"), "{answer:?}");
    assert_eq!(tds::last_done(&answer).0 & tds::ATTENTION, 0);
}

#[test]
fn attention_ends_a_query_that_gives_nothing_yet() {
    let (server, database) = server();
    let mut client = Client::log_in(server.port(), database.name());
    client.batch(ENDLESS);
    until("the query runs", || active(&database) == "1");
    let begin = Instant::now();
    client.attention();
    client.until_attention();
    assert!(begin.elapsed() < SOON);
    until("nothing is left running", || active(&database) == "0");
    assert_usable(&mut client);
}

#[test]
fn attention_ends_a_result_in_its_middle_although_it_was_not_read() {
    let (server, database) = server();
    let mut client = Client::log_in(server.port(), database.name());
    client.batch(&ENDLESS.replace("COUNT(*)", "a.i, b.i, c.i"));
    client.packet();
    client.attention();
    client.until_attention();
    until("nothing is left running", || active(&database) == "0");
    assert_usable(&mut client);
}

#[test]
fn attention_ends_a_batch_between_its_statements_and_what_comes_after_is_not_done() {
    let (server, database) = server();
    database.run_script("CREATE TABLE dbo.done (i int NOT NULL)").unwrap();
    let mut client = Client::log_in(server.port(), database.name());
    client.batch(
        "DECLARE @i int = 0; WHILE @i < 100000 BEGIN SET @i = @i + 1; END; INSERT INTO dbo.done VALUES (1)",
    );
    until("it runs", || server.running() == 1);
    client.attention();
    client.until_attention();
    client.batch("SELECT CONCAT('rows: ', COUNT(*)) AS a FROM dbo.done");
    assert!(tds::contains(&client.message(), "rows: 0"));
}

#[test]
fn attention_during_a_procedure_call_and_a_wait() {
    let (server, database) = server();
    server.fail_next("waits", Fault::Delay(Duration::from_secs(600)));
    let mut client = Client::log_in(server.port(), database.name());
    client.execute_sql("SELECT 'waits' AS a");
    until("it runs", || server.running() == 1);
    client.attention();
    client.until_attention();
    assert_usable(&mut client);
}

#[test]
fn attention_after_the_end_of_an_answer_is_acknowledged_by_one_of_its_own() {
    let (server, database) = server();
    let mut client = Client::log_in(server.port(), database.name());
    client.batch("SELECT 1 AS a");
    let answer = client.message();
    assert_eq!(tds::last_done(&answer).0 & tds::ATTENTION, 0);
    client.attention();
    assert!(client.until_attention().is_empty());
    assert_usable(&mut client);
}

#[test]
fn attention_leaves_an_open_transaction_as_it_is() {
    let (server, database) = server();
    database.run_script("CREATE TABLE dbo.kept (i int NOT NULL)").unwrap();
    let mut client = Client::log_in(server.port(), database.name());
    client.batch("BEGIN TRANSACTION; INSERT INTO dbo.kept VALUES (1)");
    client.message();
    client.batch(ENDLESS);
    until("the query runs", || active(&database) == "1");
    client.attention();
    client.until_attention();
    client.batch(
        "INSERT INTO dbo.kept VALUES (2); COMMIT; SELECT CONCAT('rows: ', COUNT(*)) AS a FROM dbo.kept",
    );
    let answer = client.message();
    assert!(tds::contains(&answer, "rows: 2"), "{answer:?}");
}

/// Up to three milliseconds: before, while and after PostgreSQL gets the statement.
fn a_moment(random: &mut u64) {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    std::thread::sleep(Duration::from_micros((*random >> 33) % 3000));
}

#[test]
fn attention_at_any_instant_ends_what_runs_and_nothing_else() {
    let (server, database) = server();
    database.run_script("CREATE TABLE dbo.kept (i int NOT NULL)").unwrap();
    let endless = [ENDLESS.to_owned(), ENDLESS.replace("COUNT(*)", "a.i, b.i, c.i")];
    // Several at once, so that each now and then waits for the processor.
    std::thread::scope(|scope| {
        for number in 1..=4 {
            let (server, database, endless) = (&server, &database, &endless);
            scope.spawn(move || {
                let mut random = number;
                let mut client = Client::log_in(server.port(), database.name());
                client.batch("BEGIN TRANSACTION");
                client.message();
                for round in 0..50 {
                    client.batch(&endless[round % 2]);
                    a_moment(&mut random);
                    client.attention();
                    client.until_attention();
                    client.batch("INSERT INTO dbo.kept VALUES (1)");
                    assert_eq!(tds::last_done(&client.message()).0 & (tds::ATTENTION | tds::ERROR), 0);
                }
                client.batch("COMMIT");
                client.message();
                assert_usable(&mut client);
            });
        }
    });
    until("nothing is left running", || active(&database) == "0");
    let mut client = Client::log_in(server.port(), database.name());
    client.batch("SELECT CONCAT('rows: ', COUNT(*)) AS a FROM dbo.kept");
    assert!(tds::contains(&client.message(), "rows: 200"));
}

#[test]
fn a_result_that_cannot_be_sent_is_not_worked_on_any_more() {
    let (server, database) = server();
    server.fail_next("cut", Fault::CutAfter(1));
    let mut client = Client::log_in(server.port(), database.name());
    client.batch(&ENDLESS.replace("COUNT(*)", "'cut' AS cut, a.i, b.i, c.i"));
    client.until_end();
    until("nothing is left running", || active(&database) == "0");
}

#[test]
fn a_client_that_hangs_up_leaves_nothing_running() {
    let (server, database) = server();
    let mut client = Client::log_in(server.port(), database.name());
    client.batch(ENDLESS);
    until("the query runs", || active(&database) == "1");
    drop(client);
    until("nothing is left running", || active(&database) == "0" && server.running() == 0);
}
