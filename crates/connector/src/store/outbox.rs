//! Actions that are to be published.

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz},
};

use super::error::StoreError;

/// A document on its way to the exchange.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct Pending {
    /// Order of receipt.
    #[diesel(sql_type = BigInt)]
    pub(crate) id: i64,
    /// Id of the request in which the message came.
    #[diesel(sql_type = Text)]
    pub(crate) correlation_id: String,
    /// The document.
    #[diesel(sql_type = Text)]
    pub(crate) body: String,
    /// When the message came.
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created: chrono::DateTime<chrono::Utc>,
}

#[derive(QueryableByName)]
struct Got {
    #[diesel(sql_type = Bool)]
    got: bool,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Makes this connection the one that publishes, for as long as it lives; false if another one does.
///
/// # Errors
/// When the database fails.
pub(crate) fn take_turn(connection: &mut PgConnection, work: &str) -> Result<bool, StoreError> {
    let got = sql_query("SELECT pg_try_advisory_lock(hashtextextended('emap connector ' || $1, 0)) AS got")
        .bind::<Text, _>(work)
        .get_result::<Got>(connection)?;
    Ok(got.got)
}

/// From now on removing waits for no disk: should the server crash before it has written, documents are published once
/// more. So publishing does not slow down those who wait for theirs to be written.
///
/// # Errors
/// When the database fails.
pub(crate) fn removes_lazily(connection: &mut PgConnection) -> Result<(), StoreError> {
    Ok(connection.batch_execute("SET synchronous_commit TO off")?)
}

/// The oldest documents, at most so many.
///
/// # Errors
/// When the database fails.
pub(crate) fn oldest(connection: &mut PgConnection, most: usize) -> Result<Vec<Pending>, StoreError> {
    let query =
        sql_query("SELECT id, correlation_id, body, created FROM connector_outbox ORDER BY id LIMIT $1");
    Ok(query.bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX)).load(connection)?)
}

/// Removes documents that the broker keeps.
///
/// # Errors
/// When the database fails.
pub(crate) fn remove(connection: &mut PgConnection, ids: &[i64]) -> Result<(), StoreError> {
    sql_query("DELETE FROM connector_outbox WHERE id = ANY($1)")
        .bind::<Array<BigInt>, _>(ids)
        .execute(connection)?;
    Ok(())
}

/// How many documents wait.
///
/// # Errors
/// When the database fails.
pub(crate) fn count(connection: &mut PgConnection) -> Result<i64, StoreError> {
    let count =
        sql_query("SELECT count(*) AS count FROM connector_outbox").get_result::<Count>(connection)?;
    Ok(count.count)
}
