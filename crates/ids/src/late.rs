//! Rows that come after rows with higher numbers.

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt},
};

use crate::{
    error::IdsError,
    progress::{Gap, OpenGaps},
    row::IdsRow,
    store::{BlockLimit, IdsStore, MaybeUnid},
};

#[derive(QueryableByName)]
struct Unid {
    #[diesel(sql_type = BigInt)]
    unid: i64,
}

impl IdsStore {
    /// The lowest number above this one.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn next_unid(&mut self, after: i64) -> Result<Option<i64>, IdsError> {
        let query = sql_query("SELECT min(unid)::int8 AS unid FROM tbl_ids_master WHERE unid > $1");
        Ok(query.bind::<BigInt, _>(after).get_result::<MaybeUnid>(&mut self.connection)?.unid)
    }

    /// The highest number below this one.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn last_unid_before(&mut self, before: i64) -> Result<Option<i64>, IdsError> {
        let query = sql_query("SELECT max(unid)::int8 AS unid FROM tbl_ids_master WHERE unid < $1");
        Ok(query.bind::<BigInt, _>(before).get_result::<MaybeUnid>(&mut self.connection)?.unid)
    }

    /// The rows that are in gaps by now, with rising `unid`, up to the limit. The time this takes depends on how many
    /// gaps there are, not on how many numbers they have.
    ///
    /// # Errors
    /// When the connection is lost or the table cannot be read.
    pub fn read_in_gaps(&mut self, gaps: &OpenGaps, limit: BlockLimit) -> Result<Vec<IdsRow>, IdsError> {
        let unids = self.unids_in(gaps, limit.rows)?;
        let (mut rows, mut bytes) = (Vec::with_capacity(unids.len()), 0);
        // Rows that follow each other are read at once.
        for run in unids.chunk_by(|unid, next| unid + 1 == *next) {
            let (Some(first), Ok(length)) = (run.first(), u32::try_from(run.len())) else { continue };
            let rest = BlockLimit { rows: length, bytes: limit.bytes.saturating_sub(bytes).max(1) };
            let block = self.read_block(first.saturating_sub(1), rest)?;
            bytes += block.iter().map(|row| row.text.len() as u64).sum::<u64>();
            let is_complete = block.len() == run.len();
            // One may be gone since, and the block have a row from beyond the run in its place.
            rows.extend(block.into_iter().filter(|row| run.contains(&row.unid)));
            if !is_complete || bytes >= limit.bytes {
                break;
            }
        }
        Ok(rows)
    }

    fn unids_in(&mut self, gaps: &OpenGaps, most: u32) -> Result<Vec<i64>, IdsError> {
        if gaps.is_empty() {
            return Ok(Vec::new());
        }
        let column = |value: fn(&Gap) -> i64| gaps.iter().map(value).collect::<Vec<i64>>();
        // The inner limit makes each gap a short walk along the primary key.
        let query = sql_query(
            "SELECT late.unid::int8 AS unid FROM unnest($1, $2) AS gap (first, last)
              CROSS JOIN LATERAL (SELECT unid FROM tbl_ids_master WHERE unid BETWEEN gap.first AND gap.last
                                   ORDER BY unid LIMIT $3) AS late
              ORDER BY late.unid LIMIT $3",
        );
        let found: Vec<Unid> = query
            .bind::<Array<BigInt>, _>(column(|gap| gap.first))
            .bind::<Array<BigInt>, _>(column(|gap| gap.last))
            .bind::<BigInt, _>(i64::from(most))
            .load(&mut self.connection)?;
        Ok(found.into_iter().map(|row| row.unid).collect())
    }
}
