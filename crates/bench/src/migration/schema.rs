//! A large star schema, and one of an older program.

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use emap_star::migrations;

/// The schema's name.
pub(super) const NAME: &str = "star";

/// Rows inserted with one statement.
const PART: u64 = 500_000;

/// Observations of one visit.
const PER_VISIT: u64 = 1_000;

/// What an older program had not made yet on the tables that grow.
const OLDER: &str = "
    ALTER TABLE visit_observation DROP CONSTRAINT visit_observation_hospital_visit_id_fkey;
    DROP INDEX visit_observation_natural_key, vo_observation_datetime;
    ALTER TABLE visit_observation DROP COLUMN comment;
    ALTER TABLE visit_observation_audit DROP COLUMN comment;
    DROP INDEX etl_per_message_logging_processing_end_time;
    DROP TABLE etl_person_removal, department_event CASCADE;
    DELETE FROM __diesel_schema_migrations";

pub(super) fn connect(url: &str) -> anyhow::Result<PgConnection> {
    let mut connection = PgConnection::establish(url)?;
    connection.batch_execute(&format!("SET search_path TO {NAME}"))?;
    Ok(connection)
}

/// Creates the schema with so many observations, a line of the effect log for each, and visits for all.
pub(super) fn fill(url: &str, observations: u64) -> anyhow::Result<()> {
    let mut connection = connect(url)?;
    migrations::migrate(&mut connection, NAME)?;
    let visits = observations / PER_VISIT + 1;
    connection.batch_execute(&format!(
        "INSERT INTO mrn (mrn_id, mrn, stored_from) SELECT n, 'M' || n, now() FROM generate_series(1, {visits}) AS n;
         INSERT INTO hospital_visit (hospital_visit_id, stored_from, valid_from, encounter, source_system, mrn_id)
         SELECT n, now(), now(), 'V' || n, 'EPIC', n FROM generate_series(1, {visits}) AS n;
         INSERT INTO visit_observation_type (visit_observation_type_id, stored_from, valid_from, interface_id,
                                             source_observation_type)
         SELECT n, now(), now(), n, 'flowsheet' FROM generate_series(1, 100) AS n;
         SELECT setval('hibernate_sequence', {observations} + 1)"
    ))?;
    for first in (1..=observations).step_by(usize::try_from(PART)?) {
        let last = observations.min(first + PART - 1);
        connection.batch_execute(&format!(
            "INSERT INTO visit_observation (visit_observation_id, stored_from, valid_from, observation_datetime,
                                            source_system, unit, value_as_real, hospital_visit_id,
                                            visit_observation_type_id)
             SELECT n, now(), now(), '2030-01-01'::timestamptz + n * interval '1 s', 'EPIC', 'mmHg', n % 200,
                    n / {PER_VISIT} + 1, n % 100 + 1
             FROM generate_series({first}, {last}) AS n;
             INSERT INTO etl_per_message_logging (id, error, message_type, process_message_duration,
                                                  processing_end_time, processing_start_time, source_id)
             SELECT n, false, 'uk.ac.ucl.rits.inform.interchange.visit_observations.Flowsheet', 400000,
                    '2030-01-01'::timestamp + n * interval '1 s', '2030-01-01'::timestamp + n * interval '1 s',
                    lpad(n::text, 10, '0')
             FROM generate_series({first}, {last}) AS n"
        ))?;
    }
    // Neither may stand among other statements.
    connection.batch_execute("VACUUM ANALYZE")?;
    connection.batch_execute("CHECKPOINT")?;
    Ok(())
}

/// Takes from the schema what the latest steps add.
pub(super) fn make_older(url: &str) -> anyhow::Result<()> {
    Ok(connect(url)?.batch_execute(OLDER)?)
}
