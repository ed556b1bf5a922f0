//! Where a time window begins and ends in the store.
//!
//! A window from `start` to `end` is the rows from the first stored at or after `start` to the last before the
//! first stored at or after `end`. "First" is by storing time; rows stored at the same moment count by their number.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, RunQueryDsl,
    pg::data_types::PgTimestamp,
    sql_query,
    sql_types::{Nullable, Timestamptz},
};

use crate::{
    error::IdsError,
    row::instant,
    store::{IdsStore, MaybeUnid},
};

#[derive(QueryableByName)]
struct MaybeTime {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<PgTimestamp>,
}

impl IdsStore {
    /// The number of the first row stored at or after `at`; `None` when nothing is that late.
    ///
    /// Two queries on purpose: a query that mentions both `unid` and a bound on the time tempts the database to walk
    /// the primary key, which takes hours on a store of hundreds of millions of rows. `OFFSET 0` keeps the second
    /// one from it.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn first_unid_from(&mut self, at: DateTime<Utc>) -> Result<Option<i64>, IdsError> {
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
}
