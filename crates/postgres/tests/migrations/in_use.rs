//! Tables that others write to and read meanwhile.

use std::{sync::atomic::AtomicBool, thread};

use diesel::connection::SimpleConnection;

use crate::site::{OpenTransaction, Program, STEPS, Site};

#[test]
fn an_index_is_built_while_others_write() {
    let (site, stop) = (Site::new(), AtomicBool::new(false));
    let writer = OpenTransaction::with(&site, "INSERT INTO reading VALUES (-1, -1)");
    thread::scope(|scope| {
        let program = Program::start(scope, &site, &stop, STEPS);
        site.until_waiting_for("virtualxid");
        assert_eq!(site.locks(), ["ShareUpdateExclusiveLock"]);
        site.write();
        writer.commits();
        assert_eq!(program.end().unwrap().applied.len(), 2);
    });
    assert_eq!(
        site.lines("SELECT indisvalid FROM pg_index WHERE indexrelid = 'reading_value'::regclass"),
        ["true"]
    );
    let with_all = "SELECT count(*) FROM reading";
    assert_eq!(site.lines(with_all), ["1002"]);
}

/// A session that waits for a strong lock keeps all others away.
#[test]
fn a_step_gives_way_to_a_reader() {
    let (site, stop) = (Site::new(), AtomicBool::new(false));
    let reader = OpenTransaction::with(&site, "SELECT * FROM reading LIMIT 1");
    thread::scope(|scope| {
        let program = Program::start(scope, &site, &stop, &STEPS[1..]);
        for _ in 0..3 {
            site.until_waiting_for("relation");
            site.write();
        }
        assert!(!program.running.is_finished());
        reader.commits();
        assert_eq!(program.end().unwrap().applied, [STEPS[1].name]);
    });
}

/// A step that has locked one table and needs another, whose owner needs the first.
#[test]
fn a_deadlock_costs_the_step_an_attempt_and_the_writer_nothing() {
    const BOTH: &[emap_postgres::Step] = &[emap_postgres::Step {
        name: "2031-01-01-000001_both",
        sql: "ALTER TABLE reading ADD COLUMN unit text; ALTER TABLE other ADD COLUMN unit text",
    }];
    let (site, stop) = (Site::new(), AtomicBool::new(false));
    site.sql("CREATE TABLE other (id bigint)");
    let mut writer = site.connect();
    writer.batch_execute("BEGIN; INSERT INTO other VALUES (1)").unwrap();
    thread::scope(|scope| {
        let program = Program::start(scope, &site, &stop, BOTH);
        site.until_waiting_for("relation");
        writer.batch_execute("INSERT INTO reading VALUES (-1, -1); COMMIT").unwrap();
        program.end().unwrap();
    });
    assert_eq!(site.lines("SELECT count(*) FROM reading WHERE id = -1 AND unit IS NULL"), ["1"]);
}

#[test]
fn an_empty_table_needs_no_second_step() {
    let site = Site::new();
    site.sql("TRUNCATE reading");
    assert_eq!(site.migrate(STEPS).unwrap().applied.len(), 2);
    assert_eq!(
        site.lines("SELECT indisvalid FROM pg_index WHERE indexrelid = 'reading_value'::regclass"),
        ["true"]
    );
    assert_eq!(site.lines("SELECT version FROM taken ORDER BY 1"), ["20310101000001", "20310101000002"]);
}

#[test]
fn the_limits_of_the_connection_are_as_before() {
    let site = Site::new();
    let mut connection = site.connect();
    connection.batch_execute("SET lock_timeout = '7s'; SET statement_timeout = '8min'").unwrap();
    let limits = |connection: &mut diesel::PgConnection| {
        use diesel::{RunQueryDsl, dsl::sql, sql_types::Text};
        let both =
            sql::<Text>("current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')");
        diesel::select(both).get_result::<String>(connection).unwrap()
    };
    crate::site::migrations(STEPS).migrate(&mut connection, "s", emap_postgres::Stop::NEVER).unwrap();
    assert_eq!(limits(&mut connection), "7s 8min");
}
