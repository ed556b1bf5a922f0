//! What fills the message store: the engine through the connector, and another system that writes some rows itself.

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

use crate::{
    engine::Engine,
    servers::connect,
    stream::{Row, Way},
};

const PAUSE: Duration = Duration::from_millis(50);
/// How long after its neighbours a late row commits.
const LATE_BY: Duration = Duration::from_millis(1500);
/// Row that was written last, for the watch.
pub(crate) type Highest = AtomicI64;

/// Fills the store while the server lets it; what the server refuses is written again.
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
        if let Some(last) = self.rows.last() {
            self.highest.store(last.unid, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Gives rows to the store as they become due, one after the other and each until it is there: the engine sends, and
    /// the rest is written here, late ones after their time. `due`: the share of all rows that is due, from 0 to 1.
    pub(crate) fn write_gradually(&self, engine: &Engine, due: impl Fn() -> f64, stop: &AtomicBool) {
        let goes_on = || !stop.load(Ordering::Relaxed);
        let (mut connection, mut late) = (None, Vec::new());
        for (place, row) in self.rows.iter().enumerate() {
            while goes_on() && to_f64(place) >= to_f64(self.rows.len()) * due() {
                self.write_overdue(&mut connection, &mut late);
                sleep(PAUSE);
            }
            match row.way {
                Way::Sent => engine.deliver(row, stop),
                Way::Late => late.push((Instant::now() + LATE_BY, row)),
                Way::Written => {
                    while goes_on() && !self.write(&mut connection, row) {
                        sleep(PAUSE);
                    }
                }
            }
            if !goes_on() {
                return;
            }
            self.highest.store(row.unid, Ordering::Relaxed);
            self.write_overdue(&mut connection, &mut late);
        }
        while !late.is_empty() && goes_on() {
            self.write_overdue(&mut connection, &mut late);
            sleep(PAUSE);
        }
    }

    /// Writes late rows whose time has come; what is refused stays for the next time.
    fn write_overdue(&self, connection: &mut Option<PgConnection>, late: &mut Vec<(Instant, &Row)>) {
        let now = Instant::now();
        late.retain(|(since, row)| now < *since || !self.write(connection, row));
    }

    /// A row that is there already, because the answer of its commit was lost, is no error.
    fn write(&self, kept: &mut Option<PgConnection>, row: &Row) -> bool {
        if kept.is_none() {
            *kept = connect(self.server, self.database).ok();
        }
        let written = kept.as_mut().is_some_and(|connection| insert(connection, row).is_ok());
        if !written {
            *kept = None;
        }
        written
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
