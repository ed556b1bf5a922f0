//! Gaps in their table, `etl_ids_gap`.

use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    pg::data_types::PgTimestamp,
    sql_query,
    sql_types::{Array, BigInt, Timestamptz},
};

use super::gaps::{Gap, GapChange, MEMORY, OpenGaps};
use crate::{error::IdsError, row::instant};

#[derive(QueryableByName)]
struct GapRow {
    #[diesel(sql_type = BigInt)]
    first_unid: i64,
    #[diesel(sql_type = BigInt)]
    last_unid: i64,
    #[diesel(sql_type = Timestamptz)]
    passed_at: PgTimestamp,
}

/// The gaps up to a position that are not too old. The others are removed: rows above the position will be read anyway.
pub(super) fn load(
    connection: &mut PgConnection,
    position: Option<i64>,
    now: DateTime<Utc>,
) -> Result<OpenGaps, IdsError> {
    let position = position.unwrap_or(i64::MIN);
    sql_query("DELETE FROM etl_ids_gap WHERE first_unid > $1 OR last_unid < first_unid OR passed_at < $2")
        .bind::<BigInt, _>(position)
        .bind::<Timestamptz, _>(now - MEMORY)
        .execute(connection)?;
    sql_query("UPDATE etl_ids_gap SET last_unid = $1 WHERE last_unid > $1")
        .bind::<BigInt, _>(position)
        .execute(connection)?;
    let rows: Vec<GapRow> =
        sql_query("SELECT first_unid, last_unid, passed_at FROM etl_ids_gap ORDER BY first_unid")
            .load(connection)?;
    Ok(rows.into_iter().filter_map(GapRow::read).collect())
}

/// Notes what became of gaps; the same again does no harm.
pub(super) fn apply(
    connection: &mut PgConnection,
    changes: &[GapChange],
    now: DateTime<Utc>,
) -> Result<(), IdsError> {
    let (mut passed, mut filled) = (OpenGaps::default(), Vec::new());
    for change in changes {
        match change {
            GapChange::Passed(gap) => drop(passed.pass(*gap)),
            GapChange::Filled(unid) => filled.push(*unid),
        }
    }
    if !passed.is_empty() {
        insert(connection, &passed)?;
        limit(connection, now)?;
    }
    if !filled.is_empty() {
        fill(connection, &filled)?;
    }
    Ok(())
}

fn insert(connection: &mut PgConnection, gaps: &OpenGaps) -> Result<(), IdsError> {
    let column = |value: fn(&Gap) -> i64| gaps.iter().map(value).collect::<Vec<i64>>();
    sql_query(
        "INSERT INTO etl_ids_gap (first_unid, last_unid, passed_at) SELECT * FROM unnest($1, $2, $3)
         ON CONFLICT (first_unid) DO UPDATE SET last_unid = excluded.last_unid, passed_at = excluded.passed_at",
    )
    .bind::<Array<BigInt>, _>(column(|gap| gap.first))
    .bind::<Array<BigInt>, _>(column(|gap| gap.last))
    .bind::<Array<Timestamptz>, _>(gaps.iter().map(|gap| gap.passed_at).collect::<Vec<_>>())
    .execute(connection)?;
    Ok(())
}

/// Removes what [`OpenGaps`] would have forgotten.
fn limit(connection: &mut PgConnection, now: DateTime<Utc>) -> Result<(), IdsError> {
    sql_query(
        "DELETE FROM etl_ids_gap WHERE passed_at < $1
            OR first_unid < (SELECT first_unid FROM etl_ids_gap ORDER BY first_unid DESC OFFSET $2 LIMIT 1)",
    )
    .bind::<Timestamptz, _>(now - MEMORY)
    .bind::<BigInt, _>(i64::try_from(OpenGaps::MOST - 1).unwrap_or(i64::MAX))
    .execute(connection)?;
    Ok(())
}

/// Takes the gaps of these numbers out of the table and puts back what is left of them.
fn fill(connection: &mut PgConnection, unids: &[i64]) -> Result<(), IdsError> {
    let taken: Vec<GapRow> = sql_query(
        "DELETE FROM etl_ids_gap AS gap
          WHERE EXISTS (SELECT FROM unnest($1) AS filled (unid) WHERE unid BETWEEN first_unid AND last_unid)
         RETURNING first_unid, last_unid, passed_at",
    )
    .bind::<Array<BigInt>, _>(unids)
    .load(connection)?;
    let mut left: OpenGaps = taken.into_iter().filter_map(GapRow::read).collect();
    for unid in unids {
        left.fill(*unid);
    }
    if left.is_empty() { Ok(()) } else { insert(connection, &left) }
}

impl GapRow {
    /// None of a time that no calendar covers: nobody knows when such a gap is old.
    fn read(self) -> Option<Gap> {
        Some(Gap { first: self.first_unid, last: self.last_unid, passed_at: instant(self.passed_at)? })
    }
}
