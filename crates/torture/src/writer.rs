//! The system that fills the message store: in the order of the numbers, but for some rows that commit late.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryResult, RunQueryDsl, sql_query,
    sql_types::{BigInt, Text, Timestamptz},
};
use emap_local_services::postgres;

use crate::{servers::connect, stream::Row};

/// Rows written in one go.
const BLOCK: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);
/// How long after its neighbours a late row commits.
const LATE_BY: Duration = Duration::from_millis(1500);
/// Row that was written last, for the watch.
pub(crate) type Highest = AtomicI64;

/// Writes rows while the server lets it; what the server refuses is written again.
pub(crate) struct Writer<'s> {
    pub(crate) server: &'s postgres::Server,
    pub(crate) database: &'static str,
    pub(crate) rows: &'s [Row],
    pub(crate) highest: &'s Highest,
}

impl Writer<'_> {
    /// Writes all rows, late ones in their places.
    ///
    /// # Errors
    /// The server's answer.
    pub(crate) fn write_all(&self) -> anyhow::Result<()> {
        let mut connection = connect(self.server, self.database)?;
        connection.transaction(|connection| self.rows.iter().try_for_each(|row| insert(connection, row)))?;
        self.note_last(self.rows);
        Ok(())
    }

    /// Writes as many rows as are due, until all are written; `due`: the share of all rows that is due, from 0 to 1.
    pub(crate) fn write_gradually(&self, due: impl Fn() -> f64, stop: &AtomicBool) {
        let mut connection = None;
        let mut late: Vec<(Instant, &Row)> = Vec::new();
        let mut written = 0;
        while (written < self.rows.len() || !late.is_empty()) && !stop.load(Ordering::Relaxed) {
            let is_due = |place: usize| to_f64(place) < to_f64(self.rows.len()) * due();
            let block = self.rows[written..].iter().take(BLOCK).enumerate();
            let block: Vec<&Row> =
                block.take_while(|(place, _)| is_due(written + place)).map(|(_, row)| row).collect();
            let now = Instant::now();
            let (overdue, waiting): (Vec<_>, Vec<_>) = late.into_iter().partition(|(since, _)| now > *since);
            late = waiting;
            let in_time = block.iter().copied().filter(|row| !row.is_late);
            let rows: Vec<&Row> = overdue.iter().map(|(_, row)| *row).chain(in_time).collect();
            if rows.is_empty() && block.is_empty() {
                sleep(PAUSE);
                continue;
            }
            if self.write(&mut connection, &rows) {
                late.extend(block.iter().filter(|row| row.is_late).map(|row| (now + LATE_BY, *row)));
                written += block.len();
                self.note_last(&self.rows[..written]);
            } else {
                late.extend(overdue);
                connection = None;
                sleep(PAUSE);
            }
        }
    }

    /// A row that is there already, because the answer of its commit was lost, is no error.
    fn write(&self, kept: &mut Option<PgConnection>, rows: &[&Row]) -> bool {
        if kept.is_none() {
            *kept = connect(self.server, self.database).ok();
        }
        let Some(connection) = kept else { return false };
        let written =
            connection.transaction(|connection| rows.iter().try_for_each(|row| insert(connection, row)));
        written.is_ok()
    }

    fn note_last(&self, written: &[Row]) {
        if let Some(last) = written.last() {
            self.highest.store(last.unid, Ordering::Relaxed);
        }
    }
}

/// As other systems do, without the lock that `IdsStore` takes: rows may become visible out of order.
fn insert(connection: &mut PgConnection, row: &Row) -> QueryResult<()> {
    sql_query(
        "INSERT INTO ids.tbl_ids_master (unid, hl7message, messagedatetime, persistdatetime) VALUES ($1, $2, $3, $3) \
         ON CONFLICT (unid) DO NOTHING",
    )
    .bind::<BigInt, _>(row.unid)
    .bind::<Text, _>(&row.text)
    .bind::<Timestamptz, _>(row.at)
    .execute(connection)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows are far below 2^52")]
fn to_f64(number: usize) -> f64 {
    number as f64
}
