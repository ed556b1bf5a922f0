//! A schema with rows, which others go on reading and writing while it is brought up to date.

use std::thread;

use diesel::{PgConnection, connection::SimpleConnection};
use emap_star::migrations::{MigrationReport, migrate};

use crate::{
    catalogue::describe,
    database::{connect, lines, migrated, number},
};

/// A visit with some observations, and lines of the effect log.
const ROWS: &str = "
    INSERT INTO mrn (mrn_id, mrn, stored_from) VALUES (1, 'M1', now());
    INSERT INTO hospital_visit (hospital_visit_id, stored_from, valid_from, encounter, source_system, mrn_id)
    VALUES (2, now(), now(), 'V1', 'EPIC', 1);
    INSERT INTO visit_observation_type (visit_observation_type_id, stored_from, valid_from, source_observation_type)
    VALUES (3, now(), now(), 'flowsheet');
    INSERT INTO visit_observation (visit_observation_id, stored_from, valid_from, observation_datetime, source_system,
                                   hospital_visit_id, visit_observation_type_id)
    SELECT n, now(), now(), now() + n * interval '1 s', 'EPIC', 2, 3 FROM generate_series(10, 1009) AS n;
    INSERT INTO etl_per_message_logging (id, processing_end_time) SELECT n, now() FROM generate_series(1, 100) AS n;
    INSERT INTO etl_message_reject (etl_message_reject_id, queue, reason, body, rejected_at)
    VALUES (1, 'hl7Queue', 'none', 'none', now());
    SELECT setval('hibernate_sequence', 10000);";

/// What an older program had not made yet, on the tables that grow.
const OLDER: &str = "
    ALTER TABLE visit_observation DROP CONSTRAINT visit_observation_hospital_visit_id_fkey;
    ALTER TABLE visit_observation DROP CONSTRAINT visit_observation_pkey;
    DROP INDEX visit_observation_natural_key, vo_observation_datetime, etl_per_message_logging_processing_end_time;
    DROP TABLE etl_person_removal, department_event CASCADE;
    ALTER TABLE visit_observation DROP COLUMN comment;
    DELETE FROM __diesel_schema_migrations";

/// One more observation and one more line of the effect log. Fails when others hold it up for long.
const WRITE: &str = "
    SET lock_timeout = '20s';
    INSERT INTO visit_observation (visit_observation_id, stored_from, valid_from, observation_datetime, source_system,
                                   hospital_visit_id, visit_observation_type_id)
    VALUES (nextval('hibernate_sequence'), now(), now(), clock_timestamp(), 'EPIC', 2, 3);
    UPDATE visit_observation SET unit = 'mmHg' WHERE visit_observation_id = 10;
    INSERT INTO etl_per_message_logging (id, processing_end_time) VALUES (nextval('hibernate_sequence'), now())";

fn in_schema(schema: &str) -> PgConnection {
    let mut connection = connect();
    connection.batch_execute(&format!("SET search_path TO {schema}")).unwrap();
    connection
}

/// Sessions that migrate this schema and wait for the end of others' transactions, as the build of an index does.
fn waiting_for_others(connection: &mut PgConnection, schema: &str) -> bool {
    let waiting = format!(
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'virtualxid' AND NOT granted AND application_name = '{schema}'"
    );
    number(connection, &waiting) > 0
}

#[test]
fn nobody_is_held_up_and_it_becomes_what_it_should_be() {
    const SCHEMA: &str = "live";
    let (mut look, _) = migrated(SCHEMA);
    let expected = describe(&mut look);
    look.batch_execute(ROWS).unwrap();
    look.batch_execute(OLDER).unwrap();

    // Whoever has written to these tables keeps every build of an index from its end.
    let (mut writer, mut old) = (in_schema(SCHEMA), in_schema(SCHEMA));
    old.batch_execute("BEGIN").unwrap();
    old.batch_execute(WRITE).unwrap();
    let migrating = thread::spawn(move || -> MigrationReport {
        let mut connection = connect();
        connection.batch_execute(&format!("SET application_name = '{SCHEMA}'")).unwrap();
        migrate(&mut connection, SCHEMA).unwrap()
    });
    while !waiting_for_others(&mut look, SCHEMA) {
        assert!(!migrating.is_finished(), "it waits for the writer");
        // Steps before get their locks between two writers.
        thread::sleep(std::time::Duration::from_millis(10));
        old.batch_execute("COMMIT; BEGIN").unwrap();
        old.batch_execute(WRITE).unwrap();
        thread::sleep(std::time::Duration::from_millis(200));
    }
    let strong = lines(
        &mut look,
        &format!(
            "SELECT DISTINCT relation::regclass || ': ' || mode AS line
             FROM pg_locks JOIN pg_stat_activity USING (pid) JOIN pg_class c ON c.oid = relation
             WHERE application_name = '{SCHEMA}' AND c.relkind = 'r'
               AND c.relnamespace = '{SCHEMA}'::regnamespace
               AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
        ),
    );
    assert_eq!(strong, Vec::<String>::new());
    writer.batch_execute(WRITE.replace("= 10", "= 11").as_str()).unwrap();
    old.batch_execute("COMMIT").unwrap();

    let report = migrating.join().unwrap();
    assert_eq!(report.warnings, Vec::<String>::new());
    assert_eq!(describe(&mut look), expected);
    let invalid = "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                   WHERE c.relnamespace = 'live'::regnamespace AND NOT i.indisvalid";
    assert_eq!(number(&mut look, invalid), 0);
    let unchecked = "SELECT count(*) FROM pg_constraint
                     WHERE connamespace = 'live'::regnamespace AND NOT convalidated";
    assert_eq!(number(&mut look, unchecked), 0);
}
