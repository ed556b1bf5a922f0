//! `COPY` into a table like `hospital_visit`: thirteen columns, five indexes.

use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ExecuteCopyFromDsl, PgConnection};

use crate::bench::figures::Measured;
use crate::bench::site::Site;

/// Rows in one `COPY` and one transaction.
const ROWS: u64 = 10_000;
const MOST_ROWS: u64 = 500_000;

diesel::table! {
    bench_visit (bench_visit_id) {
        bench_visit_id -> Int8,
        admission_datetime -> Nullable<Timestamptz>,
        arrival_method -> Nullable<Text>,
        discharge_datetime -> Nullable<Timestamptz>,
        discharge_destination -> Nullable<Text>,
        discharge_disposition -> Nullable<Text>,
        encounter -> Text,
        patient_class -> Nullable<Text>,
        presentation_datetime -> Nullable<Timestamptz>,
        source_system -> Nullable<Text>,
        stored_from -> Timestamptz,
        valid_from -> Timestamptz,
        mrn_id -> Int8,
    }
}

const CREATE: &str = "
    DROP TABLE IF EXISTS bench_visit;
    CREATE TABLE bench_visit (
        bench_visit_id bigint PRIMARY KEY, admission_datetime timestamptz, arrival_method text,
        discharge_datetime timestamptz, discharge_destination text, discharge_disposition text,
        encounter text NOT NULL, patient_class text, presentation_datetime timestamptz, source_system text,
        stored_from timestamptz NOT NULL, valid_from timestamptz NOT NULL, mrn_id bigint NOT NULL);
    CREATE UNIQUE INDEX ON bench_visit (encounter);
    CREATE INDEX ON bench_visit (mrn_id);
    CREATE INDEX ON bench_visit (admission_datetime);
    CREATE INDEX ON bench_visit (discharge_datetime);";

pub(in crate::bench) fn measure(site: &Site) -> anyhow::Result<Measured> {
    let mut connection = site.connect()?;
    connection.batch_execute(CREATE)?;
    let rows = site.stream.messages.clamp(ROWS, MOST_ROWS) / ROWS * ROWS;
    let begin = Instant::now();
    for first in (0..rows).step_by(usize::try_from(ROWS)?) {
        connection.transaction(|connection| copy(connection, first))?;
    }
    let elapsed = begin.elapsed();
    connection.batch_execute("DROP TABLE bench_visit")?;
    Ok(Measured::new(rows, elapsed))
}

fn copy(connection: &mut PgConnection, first: u64) -> diesel::QueryResult<usize> {
    diesel::copy_from(bench_visit::table)
        .from_raw_data(bench_visit::table, |copy| {
            for id in first..first + ROWS {
                // Encounters and patients come in no order, as they do in life.
                let mixed = id.wrapping_mul(2_654_435_761) % 1_000_000_007;
                let (day, hour, minute) = (mixed % 28 + 1, mixed % 24, mixed % 60);
                writeln!(
                    copy,
                    "{id}\t2026-03-{day:02} {hour:02}:{minute:02}:00+00\tAmbulance\t\
                     2026-04-{day:02} {hour:02}:{minute:02}:00+00\tUSUAL RESIDENCE\tHOME\t{mixed}\tINPATIENT\t\
                     \\N\tEPIC\t2026-03-01 00:00:00+00\t2026-03-01 00:00:00+00\t{}",
                    mixed % 40_000,
                )
                .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
            }
            diesel::QueryResult::Ok(())
        })
        .execute(connection)
}
