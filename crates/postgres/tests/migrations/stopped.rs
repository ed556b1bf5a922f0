//! A program that is to stop while its migration waits, and the next one.

use std::{sync::atomic::AtomicBool, thread};

use emap_postgres::MigrationError;

use crate::site::{OpenTransaction, Program, STEPS, Site};

#[test]
fn while_an_index_is_built_and_the_next_run_repairs_it() {
    let (site, stop) = (Site::new(), AtomicBool::new(false));
    let writer = OpenTransaction::with(&site, "INSERT INTO reading VALUES (-1, -1)");
    thread::scope(|scope| {
        let program = Program::start(scope, &site, &stop, STEPS);
        site.until_waiting_for("virtualxid");
        let ended = program.stop();
        assert!(matches!(ended, Err(MigrationError::Stopped)), "{ended:?}");
    });
    let is_valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'reading_value'::regclass";
    assert_eq!(site.lines(is_valid), ["false"], "what the interrupted build left");
    assert!(site.lines("SELECT version FROM taken").is_empty());
    writer.commits();

    assert_eq!(site.migrate(STEPS).unwrap().applied.len(), 2);
    assert_eq!(site.lines(is_valid), ["true"]);
}

#[test]
fn while_it_waits_for_a_lock() {
    let (site, stop) = (Site::new(), AtomicBool::new(false));
    let _reader = OpenTransaction::with(&site, "SELECT * FROM reading LIMIT 1");
    thread::scope(|scope| {
        let program = Program::start(scope, &site, &stop, &STEPS[1..]);
        site.until_waiting_for("relation");
        let ended = program.stop();
        assert!(matches!(ended, Err(MigrationError::Stopped)), "{ended:?}");
    });
}

#[test]
fn while_another_program_migrates() {
    let (site, first_stops, second_stops) = (Site::new(), AtomicBool::new(false), AtomicBool::new(false));
    let writer = OpenTransaction::with(&site, "INSERT INTO reading VALUES (-1, -1)");
    thread::scope(|scope| {
        let first = Program::start(scope, &site, &first_stops, STEPS);
        site.until_waiting_for("virtualxid");
        let second = Program::start(scope, &site, &second_stops, STEPS);
        let ended = second.stop();
        assert!(matches!(ended, Err(MigrationError::Stopped)), "{ended:?}");
        writer.commits();
        assert_eq!(first.end().unwrap().applied.len(), 2);
    });
}
