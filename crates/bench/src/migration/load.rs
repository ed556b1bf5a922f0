//! Those who use the star meanwhile: programs that write as core does, and an analyst.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::anyhow;
use diesel::connection::SimpleConnection;

use super::schema::connect;

/// One batch: new observations with their lines in the effect log, and changed ones with their former versions.
const BATCH: &str = "
    BEGIN;
    WITH new AS (
        INSERT INTO visit_observation (visit_observation_id, stored_from, valid_from, observation_datetime,
                                       source_system, value_as_real, hospital_visit_id, visit_observation_type_id)
        SELECT nextval('hibernate_sequence'), now(), now(), clock_timestamp() + random() * interval '1000 days',
               'EPIC', n, 1 + floor(random() * (SELECT count(*) FROM hospital_visit)), 1 + n % 100
        FROM generate_series(1, 100) AS n RETURNING visit_observation_id)
    INSERT INTO etl_per_message_logging (id, error, processing_end_time, source_id)
    SELECT nextval('hibernate_sequence'), false, now() AT TIME ZONE 'UTC', visit_observation_id::text FROM new;
    WITH old AS (
        SELECT * FROM visit_observation WHERE visit_observation_id IN (
            SELECT 1 + (random() * 900)::int FROM generate_series(1, 5))
        ORDER BY visit_observation_id FOR UPDATE),
    former AS (
        INSERT INTO visit_observation_audit (visit_observation_audit_id, stored_from, valid_from, stored_until,
                                             valid_until, visit_observation_id, observation_datetime, source_system,
                                             hospital_visit_id, visit_observation_type_id)
        SELECT nextval('hibernate_sequence'), stored_from, valid_from, now(), now(), visit_observation_id,
               observation_datetime, source_system, hospital_visit_id, visit_observation_type_id
        FROM old)
    UPDATE visit_observation AS changed SET value_as_real = old.value_as_real + 1, stored_from = now()
    FROM old WHERE changed.visit_observation_id = old.visit_observation_id;
    COMMIT";

/// A query that takes a while on a large table.
const EVALUATION: &str =
    "SELECT visit_observation_type_id, avg(value_as_real) FROM visit_observation GROUP BY 1";

/// Pause of whoever evaluates, between two queries.
const THINKS: Duration = Duration::from_secs(2);

/// Programs at work.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<anyhow::Result<Vec<f64>>>>,
    evaluates: JoinHandle<anyhow::Result<()>>,
}

impl Load {
    pub(super) fn start(url: &str, writers: usize) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let writer = |_| {
            let (mut connection, stop) = (connect(url)?, Arc::clone(&stop));
            Ok(thread::spawn(move || {
                let mut waits = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let begin = Instant::now();
                    connection.batch_execute(BATCH)?;
                    waits.push(begin.elapsed().as_secs_f64());
                }
                Ok(waits)
            }))
        };
        let writers = (0..writers).map(writer).collect::<anyhow::Result<_>>()?;
        let (mut connection, stopped) = (connect(url)?, Arc::clone(&stop));
        let evaluates = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                connection.batch_execute(EVALUATION)?;
                thread::sleep(THINKS);
            }
            Ok(())
        });
        Ok(Self { stop, writers, evaluates })
    }

    /// Ends them; how long each batch took.
    pub(super) fn stop(self) -> anyhow::Result<Waits> {
        self.stop.store(true, Ordering::Relaxed);
        let mut waits = Vec::new();
        for writer in self.writers {
            waits.extend(writer.join().map_err(|_| anyhow!("a writer ended abnormally"))??);
        }
        self.evaluates.join().map_err(|_| anyhow!("the evaluation ended abnormally"))??;
        waits.sort_by(f64::total_cmp);
        Ok(Waits(waits))
    }
}

/// Seconds that each batch took, in ascending order.
pub(super) struct Waits(Vec<f64>);

impl Waits {
    /// Above the lines of [`Waits`].
    pub(super) const HEADING: &str = "Batches             number   median     99 %  99.9 %  longest";

    pub(super) fn longest(&self) -> f64 {
        self.0.last().copied().unwrap_or_default()
    }

    /// The time that so many per mille of the batches did not exceed.
    fn at(&self, per_mille: usize) -> f64 {
        self.0.get(self.0.len() * per_mille / 1000).copied().unwrap_or_else(|| self.longest())
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |seconds: f64| format!("{:.0} ms", seconds * 1000.0);
        write!(
            f,
            "{:>8} {:>8} {:>8} {:>7} {:>8}",
            self.0.len(),
            milliseconds(self.at(500)),
            milliseconds(self.at(990)),
            milliseconds(self.at(999)),
            milliseconds(self.longest()),
        )
    }
}
