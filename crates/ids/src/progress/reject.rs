//! Rows of the message store that could not be converted.

use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz},
};
use emap_postgres::OldRows;

use crate::error::IdsError;

/// The rejects, which may be kept for a time only. Open are those that were never published.
pub const OLD_REJECTS: OldRows = OldRows {
    table: "etl_ids_reject",
    key: "unid",
    time: "rejected_at",
    is_utc: false,
    open: "replayed_at IS NULL",
};

/// A row that gave no messages, or not all, because something is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Reject {
    /// Number of the row in the message store.
    #[diesel(sql_type = BigInt)]
    pub unid: i64,
    /// MSH-9.1, if it could be read.
    #[diesel(sql_type = Nullable<Text>)]
    pub message_type: Option<String>,
    /// MSH-9.2, if it could be read.
    #[diesel(sql_type = Nullable<Text>)]
    pub trigger_event: Option<String>,
    /// MSH-3, if it could be read.
    #[diesel(sql_type = Nullable<Text>)]
    pub sender: Option<String>,
    /// What is wrong; names segments and fields, never their values.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// When it was rejected.
    #[diesel(sql_type = Timestamptz)]
    pub rejected_at: DateTime<Utc>,
    /// Whether only items of the message are rejected, and the rest of it is published.
    #[diesel(sql_type = Bool)]
    pub partial: bool,
}

/// PostgreSQL stores no NUL in text; as in the rejects of core, U+FFFD stands for it.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

pub(super) fn record(connection: &mut PgConnection, rejects: &[Reject]) -> Result<(), IdsError> {
    // A statement may touch a row only once; of the same row the last word counts.
    let by_unid: std::collections::BTreeMap<i64, &Reject> =
        rejects.iter().map(|one| (one.unid, one)).collect();
    if by_unid.is_empty() {
        return Ok(());
    }
    let texts = |field: fn(&Reject) -> Option<&String>| -> Vec<Option<String>> {
        by_unid.values().map(|one| field(one).map(|text| storable(text))).collect()
    };
    let times: Vec<DateTime<Utc>> = by_unid.values().map(|one| one.rejected_at).collect();
    sql_query(
        "INSERT INTO etl_ids_reject AS known (unid, message_type, trigger_event, sender, reason, rejected_at, partial)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (unid) DO UPDATE SET message_type = excluded.message_type,
             trigger_event = excluded.trigger_event, sender = excluded.sender, reason = excluded.reason,
             rejected_at = excluded.rejected_at, partial = excluded.partial, replayed_at = NULL",
    )
    .bind::<Array<BigInt>, _>(by_unid.keys().copied().collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(texts(|one| one.message_type.as_ref()))
    .bind::<Array<Nullable<Text>>, _>(texts(|one| one.trigger_event.as_ref()))
    .bind::<Array<Nullable<Text>>, _>(texts(|one| one.sender.as_ref()))
    .bind::<Array<Nullable<Text>>, _>(texts(|one| Some(&one.reason)))
    .bind::<Array<Timestamptz>, _>(times)
    .bind::<Array<Bool>, _>(by_unid.values().map(|one| one.partial).collect::<Vec<_>>())
    .execute(connection)?;
    Ok(())
}

pub(super) fn open(
    connection: &mut PgConnection,
    after_unid: i64,
    limit: u32,
) -> Result<Vec<Reject>, IdsError> {
    let query = sql_query(
        "SELECT unid::int8 AS unid, message_type, trigger_event, sender, coalesce(reason, '') AS reason,
                coalesce(rejected_at, 'epoch') AS rejected_at, coalesce(partial, false) AS partial
           FROM etl_ids_reject WHERE replayed_at IS NULL AND unid > $1 ORDER BY unid LIMIT $2",
    );
    Ok(query.bind::<BigInt, _>(after_unid).bind::<BigInt, _>(i64::from(limit)).load(connection)?)
}

pub(super) fn mark_replayed(
    connection: &mut PgConnection,
    unids: &[i64],
    at: DateTime<Utc>,
) -> Result<(), IdsError> {
    sql_query("UPDATE etl_ids_reject SET replayed_at = $2 WHERE unid = ANY ($1)")
        .bind::<Array<BigInt>, _>(unids)
        .bind::<Timestamptz, _>(at)
        .execute(connection)?;
    Ok(())
}
