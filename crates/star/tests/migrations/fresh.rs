//! Schemas that hold nothing yet, and schemas that are up to date.

use std::thread;

use diesel::{RunQueryDsl, connection::SimpleConnection};
use emap_star::migrations::{MigrationReport, is_current, migrate};

use crate::{
    catalogue::describe,
    database::{connect, expect_file, lines, migrated, number},
};

#[test]
fn an_empty_schema_becomes_the_expected_one() {
    let (mut connection, report) = migrated("fresh");
    expect_file("tests/migrations/expected-schema.txt", &(describe(&mut connection).join("\n") + "\n"));
    assert_eq!(report.warnings, Vec::<String>::new());
    assert!(report.applied.len() >= 9);
}

#[test]
fn a_schema_that_is_up_to_date_is_left_alone() {
    let (mut connection, _) = migrated("twice");
    assert!(is_current(&mut connection).unwrap());
    assert_eq!(migrate(&mut connection, "twice").unwrap(), MigrationReport::default());
}

#[test]
fn taking_every_step_again_changes_nothing() {
    let (mut connection, _) = migrated("again");
    let before = describe(&mut connection);
    diesel::sql_query("DELETE FROM __diesel_schema_migrations").execute(&mut connection).unwrap();
    assert!(!is_current(&mut connection).unwrap());

    let report = migrate(&mut connection, "again").unwrap();

    assert!(report.applied.len() >= 9);
    assert_eq!(report.warnings, Vec::<String>::new());
    assert_eq!(describe(&mut connection), before);
}

#[test]
fn two_schemas_of_one_database_do_not_meet() {
    let (mut first, _) = migrated("star_one");
    let (mut second, report) = migrated("star_two");
    assert!(!report.applied.is_empty());
    assert_eq!(describe(&mut first), describe(&mut second));

    first
        .batch_execute("INSERT INTO location (location_id, location_string) VALUES (1, 'EAST1^null^null')")
        .unwrap();

    assert_eq!(number(&mut first, "SELECT count(*) FROM location"), 1);
    assert_eq!(number(&mut second, "SELECT count(*) FROM location"), 0);
    let elsewhere = "SELECT count(*) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                     JOIN pg_class t ON t.oid = k.confrelid
                     WHERE c.relnamespace = current_schema()::regnamespace
                       AND t.relnamespace <> c.relnamespace";
    assert_eq!(number(&mut second, elsewhere), 0);
}

#[test]
fn a_schema_may_have_any_name() {
    let (mut plain, _) = migrated("plain");
    let expected = describe(&mut plain);
    for name in ["Star A-1", "select", "a\"quote", "été"] {
        let (mut connection, _) = migrated(name);
        assert_eq!(lines(&mut connection, "SELECT current_schema()::text AS line"), [name]);
        assert_eq!(describe(&mut connection), expected, "{name}");
        assert!(is_current(&mut connection).unwrap());
    }
}

#[test]
fn several_programs_may_start_at_once() {
    let starts = (0..4).map(|_| thread::spawn(|| migrated("busy").1)).collect::<Vec<_>>();
    let reports = starts.into_iter().map(|start| start.join().unwrap()).collect::<Vec<_>>();
    let workers = reports.iter().filter(|report| !report.applied.is_empty()).count();
    assert_eq!(workers, 1);

    let mut connection = connect();
    assert_eq!(migrate(&mut connection, "busy").unwrap(), MigrationReport::default());
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                 AND classid::bigint << 32 | objid::bigint = hashtextextended('emap schema busy', 0)";
    assert_eq!(number(&mut connection, locks), 0);
}

#[test]
fn keys_start_at_one() {
    let (mut connection, _) = migrated("keys");
    assert_eq!(number(&mut connection, "SELECT nextval('hibernate_sequence')"), 1);
}

#[test]
fn natural_keys_are_unique() {
    let (mut connection, _) = migrated("natural_keys");
    connection
        .batch_execute(
            "INSERT INTO mrn (mrn_id, nhs_number, stored_from) VALUES (1, '900', now());
             INSERT INTO mrn (mrn_id, mrn, nhs_number, stored_from)
             VALUES (2, 'K1', '900', now()), (3, 'K2', '900', now());
             INSERT INTO mrn_to_live VALUES (4, now(), now(), 2, 2);
             INSERT INTO hospital_visit (hospital_visit_id, stored_from, valid_from, encounter,
                                         source_system, mrn_id)
             VALUES (5, now(), now(), 'V1', 'EPIC', 2);
             INSERT INTO location (location_id, location_string) VALUES (6, 'EAST1^null^null');
             INSERT INTO location_event (location_event_id, stored_from, event_datetime, event_type,
                                         message_datetime, hospital_visit_id, location_id)
             VALUES (7, now(), '2031-05-01 09:00Z', 'MOVE', now(), 5, 6);",
        )
        .unwrap();
    for refused in [
        "INSERT INTO mrn (mrn_id, nhs_number, stored_from) VALUES (11, '900', now())",
        "INSERT INTO mrn (mrn_id, mrn, stored_from) VALUES (11, 'K1', now())",
        "INSERT INTO mrn (mrn_id, stored_from) VALUES (11, now())",
        "INSERT INTO mrn_to_live VALUES (14, now(), now(), 3, 2)",
        "INSERT INTO location (location_id, location_string) VALUES (16, 'EAST1^null^null')",
        "INSERT INTO location_event (location_event_id, stored_from, event_datetime, event_type,
                                     message_datetime, hospital_visit_id, location_id)
         VALUES (17, now(), '2031-05-01 10:00+01', 'MOVE', now(), 5, 6)",
    ] {
        assert!(connection.batch_execute(refused).is_err(), "{refused}");
    }
}
