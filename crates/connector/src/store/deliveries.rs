//! Messages that are to be sent out.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Double, Integer, Nullable, Text, Timestamp, Timestamptz},
};
use serde_json::{Value, json};

use super::error::StoreError;

/// A message to be sent out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outbound {
    /// Primary key.
    pub(crate) uuid: String,
    /// Who asked for it.
    pub(crate) actor: String,
    /// Where it goes: `tie` or `mirth`.
    pub(crate) destination: &'static str,
    /// What is sent, to the byte.
    pub(crate) content: String,
    /// MSH-9.
    pub(crate) message_type: Option<String>,
    /// Its time, UTC.
    pub(crate) sent_at: Option<NaiveDateTime>,
    /// MSH-10.
    pub(crate) control_id: Option<String>,
    /// Identifiers as JSON.
    pub(crate) identifiers: String,
    /// Id of the request.
    pub(crate) correlation_id: String,
}

/// One that is waiting, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct Waiting {
    /// Key of the message.
    #[diesel(sql_type = Text)]
    pub(crate) message_uuid: String,
    /// MSH-10.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) message_control_id: Option<String>,
    /// Where it goes.
    #[diesel(sql_type = Text)]
    pub(crate) dst_description: String,
    /// Attempts so far.
    #[diesel(sql_type = Integer)]
    pub(crate) attempts: i32,
    /// Since when it waits.
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created: DateTime<Utc>,
    /// When it is tried again.
    #[diesel(sql_type = Timestamptz)]
    pub(crate) next_attempt_at: DateTime<Utc>,
    /// Why the last attempt failed.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) last_error: Option<String>,
}

impl Waiting {
    /// As the endpoint shows it.
    pub(crate) fn to_json(&self) -> Value {
        let time = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        json!({
            "attempts": self.attempts,
            "created": time(self.created),
            "dst_description": self.dst_description,
            "last_error": self.last_error,
            "message_control_id": self.message_control_id,
            "message_uuid": self.message_uuid,
            "next_attempt_at": time(self.next_attempt_at),
        })
    }
}

/// One whose turn it is, kept from others for a while.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct Claimed {
    /// Key of the message.
    #[diesel(sql_type = Text)]
    pub(crate) message_uuid: String,
    /// Where it goes.
    #[diesel(sql_type = Text)]
    pub(crate) dst_description: String,
    /// MSH-10.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) message_control_id: Option<String>,
    /// What is sent.
    #[diesel(sql_type = Text)]
    pub(crate) content: String,
    /// Id of the request that it came with.
    #[diesel(sql_type = Text)]
    pub(crate) correlation_id: String,
    /// Attempts, this one included.
    #[diesel(sql_type = Integer)]
    pub(crate) attempts: i32,
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    uuid: String,
}

/// How much waits for a destination.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub(crate) struct Figures {
    /// The destination.
    #[diesel(sql_type = Text)]
    pub(crate) dst_description: String,
    /// Messages.
    #[diesel(sql_type = BigInt)]
    pub(crate) count: i64,
    /// Age of the oldest, in seconds.
    #[diesel(sql_type = Double)]
    pub(crate) age: f64,
}

/// Stores a message together with the note that it is to be sent. Gives the key of the message that has this control id:
/// its own, or that of one stored before.
///
/// # Errors
/// When the database fails.
pub(crate) fn add(connection: &mut PgConnection, message: &Outbound) -> Result<String, StoreError> {
    diesel::Connection::transaction(connection, |connection| {
        let inserted = sql_query(
            "INSERT INTO hl7_message (uuid, created, created_by_, modified, modified_by_, content, message_type,
                 is_processed, src_description, dst_description, sent_at_, message_control_id, patient_identifiers)
             VALUES ($1, timezone('UTC', now()), $2, timezone('UTC', now()), $2, $3, $4, false, 'dhos', $5, $6, $7, $8::json)
             ON CONFLICT DO NOTHING RETURNING uuid",
        )
        .bind::<Text, _>(&message.uuid)
        .bind::<Text, _>(&message.actor)
        .bind::<Text, _>(&message.content)
        .bind::<Nullable<Text>, _>(&message.message_type)
        .bind::<Text, _>(message.destination)
        .bind::<Nullable<Timestamp>, _>(message.sent_at)
        .bind::<Nullable<Text>, _>(&message.control_id)
        .bind::<Text, _>(&message.identifiers)
        .get_result::<Key>(connection)
        .optional()?;
        if let Some(inserted) = inserted {
            note(connection, &inserted.uuid, message.destination, &message.correlation_id)?;
            return Ok(inserted.uuid);
        }
        let existing = sql_query("SELECT uuid FROM hl7_message WHERE message_control_id = $1 OR uuid = $2")
            .bind::<Nullable<Text>, _>(&message.control_id)
            .bind::<Text, _>(&message.uuid)
            .get_result::<Key>(connection)?;
        Ok(existing.uuid)
    })
}

/// Notes that a stored message is to be sent, unless that is noted already.
///
/// # Errors
/// When the database fails.
pub(crate) fn note(
    connection: &mut PgConnection,
    uuid: &str,
    destination: &str,
    correlation_id: &str,
) -> Result<(), StoreError> {
    sql_query(
        "INSERT INTO connector_delivery (message_uuid, dst_description, correlation_id) VALUES ($1, $2, $3)
         ON CONFLICT (message_uuid) DO NOTHING",
    )
    .bind::<Text, _>(uuid)
    .bind::<Text, _>(destination)
    .bind::<Text, _>(correlation_id)
    .execute(connection)?;
    Ok(())
}

/// Takes a message for an attempt; `None` if another attempt is under way, or it is not waiting.
///
/// # Errors
/// When the database fails.
pub(crate) fn claim(
    connection: &mut PgConnection,
    uuid: &str,
    lease: Duration,
) -> Result<Option<Claimed>, StoreError> {
    let claimed = sql_query(
        "UPDATE connector_delivery d SET claimed_until = now() + make_interval(secs => $2), attempts = attempts + 1
           FROM hl7_message m
          WHERE d.message_uuid = $1 AND m.uuid = d.message_uuid AND NOT m.is_processed AND m.content IS NOT NULL
            AND d.given_up_at IS NULL AND (d.claimed_until IS NULL OR d.claimed_until < now())
         RETURNING d.message_uuid, d.dst_description, m.message_control_id, m.content, d.correlation_id, d.attempts",
    )
    .bind::<Text, _>(uuid)
    .bind::<Double, _>(lease.as_secs_f64())
    .get_result(connection)
    .optional()?;
    Ok(claimed)
}

/// Keys of messages for a destination whose time has come, the oldest first.
///
/// # Errors
/// When the database fails.
pub(crate) fn due(connection: &mut PgConnection, destination: &str) -> Result<Vec<String>, StoreError> {
    let keys: Vec<Key> = sql_query(
        "SELECT message_uuid AS uuid FROM connector_delivery
          WHERE dst_description = $1 AND given_up_at IS NULL AND next_attempt_at <= now()
            AND (claimed_until IS NULL OR claimed_until < now())
          ORDER BY id LIMIT 100",
    )
    .bind::<Text, _>(destination)
    .load(connection)?;
    Ok(keys.into_iter().map(|key| key.uuid).collect())
}

/// Notes that the receiver has answered.
///
/// # Errors
/// When the database fails.
pub(crate) fn delivered(
    connection: &mut PgConnection,
    uuid: &str,
    ack: Option<&str>,
) -> Result<(), StoreError> {
    diesel::Connection::transaction(connection, |connection| {
        sql_query(
            "UPDATE hl7_message SET is_processed = true, ack = coalesce($2, ack), modified = timezone('UTC', now())
              WHERE uuid = $1",
        )
        .bind::<Text, _>(uuid)
        .bind::<Nullable<Text>, _>(ack)
        .execute(connection)?;
        forget(connection, uuid)
    })
}

/// Forgets that a message is to be sent.
///
/// # Errors
/// When the database fails.
pub(crate) fn forget(connection: &mut PgConnection, uuid: &str) -> Result<(), StoreError> {
    sql_query("DELETE FROM connector_delivery WHERE message_uuid = $1")
        .bind::<Text, _>(uuid)
        .execute(connection)?;
    Ok(())
}

/// Notes a failed attempt, and when the next one is due.
///
/// # Errors
/// When the database fails.
pub(crate) fn failed(
    connection: &mut PgConnection,
    uuid: &str,
    error: &str,
    pause: Duration,
) -> Result<(), StoreError> {
    sql_query(
        "UPDATE connector_delivery SET claimed_until = NULL, last_error = $2,
                next_attempt_at = now() + make_interval(secs => $3)
          WHERE message_uuid = $1",
    )
    .bind::<Text, _>(uuid)
    .bind::<Text, _>(error)
    .bind::<Double, _>(pause.as_secs_f64())
    .execute(connection)?;
    Ok(())
}

/// After a start: attempts of a program that is no more are not under way, and notes about messages that are gone or
/// dealt with are of no use.
///
/// # Errors
/// When the database fails.
pub(crate) fn tidy(connection: &mut PgConnection) -> Result<(), StoreError> {
    sql_query("UPDATE connector_delivery SET claimed_until = NULL WHERE claimed_until IS NOT NULL")
        .execute(connection)?;
    sql_query(
        "DELETE FROM connector_delivery d WHERE NOT EXISTS
             (SELECT FROM hl7_message m WHERE m.uuid = d.message_uuid AND NOT m.is_processed)",
    )
    .execute(connection)?;
    Ok(())
}

/// Messages that wait, the oldest first.
///
/// # Errors
/// When the database fails.
pub(crate) fn waiting(connection: &mut PgConnection) -> Result<Vec<Waiting>, StoreError> {
    let query = sql_query(
        "SELECT d.message_uuid, m.message_control_id, d.dst_description, d.attempts, d.created, d.next_attempt_at, d.last_error
           FROM connector_delivery d JOIN hl7_message m ON m.uuid = d.message_uuid AND NOT m.is_processed
          WHERE d.given_up_at IS NULL ORDER BY d.id",
    );
    Ok(query.load(connection)?)
}

/// How much waits for each destination.
///
/// # Errors
/// When the database fails.
pub(crate) fn figures(connection: &mut PgConnection) -> Result<Vec<Figures>, StoreError> {
    let query = sql_query(
        "SELECT d.dst_description, count(*) AS count, extract(epoch FROM now() - min(d.created))::float8 AS age
           FROM connector_delivery d JOIN hl7_message m ON m.uuid = d.message_uuid AND NOT m.is_processed
          WHERE d.given_up_at IS NULL GROUP BY d.dst_description",
    );
    Ok(query.load(connection)?)
}

/// Which waiting messages an operator means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// This message.
    pub(crate) uuid: Option<String>,
    /// To this destination.
    pub(crate) destination: Option<String>,
    /// Created before this.
    pub(crate) before: Option<DateTime<Utc>>,
}

/// Makes the next attempt of selected messages due now, also of those that were given up; gives how many.
///
/// # Errors
/// When the database fails.
pub(crate) fn retry(connection: &mut PgConnection, selection: &Selection) -> Result<usize, StoreError> {
    change(connection, "next_attempt_at = now(), given_up_at = NULL", "true", selection)
}

/// Gives up selected messages; gives how many.
///
/// # Errors
/// When the database fails.
pub(crate) fn give_up(connection: &mut PgConnection, selection: &Selection) -> Result<usize, StoreError> {
    change(connection, "given_up_at = now()", "given_up_at IS NULL", selection)
}

fn change(
    connection: &mut PgConnection,
    change: &str,
    condition: &str,
    selection: &Selection,
) -> Result<usize, StoreError> {
    let statement = format!(
        "UPDATE connector_delivery SET {change}
          WHERE {condition} AND ($1 IS NULL OR message_uuid = $1) AND ($2 IS NULL OR dst_description = $2)
            AND ($3 IS NULL OR created < $3)"
    );
    Ok(sql_query(statement)
        .bind::<Nullable<Text>, _>(&selection.uuid)
        .bind::<Nullable<Text>, _>(&selection.destination)
        .bind::<Nullable<Timestamptz>, _>(selection.before)
        .execute(connection)?)
}
