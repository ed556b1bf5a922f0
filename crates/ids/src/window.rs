//! Where a time window begins and ends in the store.
//!
//! A window from `start` to `end` is the rows from the first stored at or after `start` to the last before the
//! first stored at or after `end`. Where times are out of order both ends are taken so that nothing is left out; two
//! windows that meet may then have some rows in common.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, RunQueryDsl,
    pg::data_types::PgTimestamp,
    sql_query,
    sql_types::{BigInt, Nullable, Timestamptz},
};

use crate::{
    error::IdsError,
    row::instant,
    store::{IdsStore, MaybeUnid},
};

/// How many numbers before the row with the earliest time are looked at for one that was stored later: far more than
/// are in transit at a time.
const OVERTAKEN: i64 = 10_000;

#[derive(QueryableByName)]
struct MaybeTime {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<PgTimestamp>,
}

impl IdsStore {
    /// The number of the first row of a window that begins at `at`; `None` when nothing is that late.
    ///
    /// It is the lowest number that was stored at or after `at`, also where a row with a higher number was stored
    /// before it: the transaction of the lower one was the slower one.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn first_unid_from(&mut self, at: DateTime<Utc>) -> Result<Option<i64>, IdsError> {
        let mut first = self.end_unid_from(at)?;
        while let Some(lower) = first.map_or(Ok(None), |first| self.overtaken(first, at))? {
            first = Some(lower);
        }
        Ok(first)
    }

    /// The number of the first row behind a window that ends at `at`; `None` when nothing is that late.
    ///
    /// It is the row with the earliest time, so that a single row with a time in the future ends no window.
    ///
    /// Two queries on purpose: a query that mentions both `unid` and a bound on the time tempts the database to walk
    /// the primary key, which takes hours on a store of hundreds of millions of rows. `OFFSET 0` keeps the second
    /// one from it.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn end_unid_from(&mut self, at: DateTime<Utc>) -> Result<Option<i64>, IdsError> {
        let earliest = sql_query(
            "SELECT min(persistdatetime)::timestamptz AS at FROM tbl_ids_master WHERE persistdatetime >= $1",
        );
        let earliest: MaybeTime = earliest.bind::<Timestamptz, _>(at).get_result(&mut self.connection)?;
        let Some(earliest) = earliest.at.and_then(instant) else { return Ok(None) };
        let lowest = sql_query(
            "SELECT min(unid)::int8 AS unid
               FROM (SELECT unid FROM tbl_ids_master WHERE persistdatetime = $1 OFFSET 0) AS same_moment",
        );
        let lowest: MaybeUnid = lowest.bind::<Timestamptz, _>(earliest).get_result(&mut self.connection)?;
        Ok(lowest.unid)
    }

    /// The lowest of the numbers before `unid` that were stored at or after `at`.
    fn overtaken(&mut self, unid: i64, at: DateTime<Utc>) -> Result<Option<i64>, IdsError> {
        let lowest = sql_query(
            "SELECT min(unid)::int8 AS unid
               FROM (SELECT unid, persistdatetime FROM tbl_ids_master WHERE unid < $1 ORDER BY unid DESC LIMIT $2)
                    AS before
              WHERE persistdatetime >= $3",
        );
        let lowest = lowest.bind::<BigInt, _>(unid).bind::<BigInt, _>(OVERTAKEN).bind::<Timestamptz, _>(at);
        Ok(lowest.get_result::<MaybeUnid>(&mut self.connection)?.unid)
    }
}
