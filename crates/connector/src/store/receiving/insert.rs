//! Statements that store a group of messages.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, Nullable, Text, Timestamp},
};

use super::stored::Stored;
use crate::{receipt::Receipt, store::error::StoreError};

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    uuid: String,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    uuid: String,
    #[diesel(sql_type = Nullable<Text>)]
    ack: Option<String>,
}

/// Stores rows. One whose control id is known already, from before or from the same group, is stored without it and with
/// the answer that says so.
pub(super) fn messages(
    connection: &mut PgConnection,
    messages: &[(Receipt, String)],
) -> Result<Vec<Stored>, StoreError> {
    let all: Vec<&Receipt> = messages.iter().map(|(receipt, _)| receipt).collect();
    let new = rows(connection, &all, true)?;
    let repeated: Vec<&Receipt> =
        all.iter().copied().filter(|receipt| !new.contains(&receipt.message.uuid)).collect();
    if !repeated.is_empty() {
        rows(connection, &repeated, false)?;
    }
    let stored = all.iter().map(|receipt| {
        let duplicate = !new.contains(&receipt.message.uuid);
        let ack = if duplicate { Some(receipt.duplicate_ack.clone()) } else { receipt.message.ack.clone() };
        Stored { ack: ack.unwrap_or_default(), duplicate }
    });
    Ok(stored.collect())
}

/// Gives the keys of the rows that were stored. `known`: with their control ids and own answers.
fn rows(
    connection: &mut PgConnection,
    receipts: &[&Receipt],
    known: bool,
) -> Result<HashSet<String>, StoreError> {
    type Texts = Array<Text>;
    type Optional = Array<Nullable<Text>>;
    let texts =
        |field: fn(&Receipt) -> &str| -> Vec<&str> { receipts.iter().map(|one| field(one)).collect() };
    let optional = |field: fn(&Receipt) -> Option<&str>| -> Vec<Option<&str>> {
        receipts.iter().map(|one| field(one)).collect()
    };
    let sent_at: Vec<Option<NaiveDateTime>> = receipts.iter().map(|one| one.message.sent_at).collect();
    let identifiers: Vec<Option<String>> = receipts
        .iter()
        .map(|one| one.message.identifiers.as_ref().map(crate::patients::Identifiers::to_json))
        .collect();
    let answers = if known {
        optional(|one| one.message.ack.as_deref())
    } else {
        optional(|one| Some(one.duplicate_ack.as_str()))
    };
    let control_ids =
        if known { optional(|one| one.message.control_id.as_deref()) } else { optional(|_| None) };
    let keys = sql_query(
        "INSERT INTO hl7_message (uuid, created, created_by_, modified, modified_by_, content, message_type,
             is_processed, src_description, dst_description, sent_at_, message_control_id, ack, patient_identifiers)
         SELECT uuid, moment, actor, moment, actor, content, message_type, false, 'tie', 'dhos', sent_at, control_id, ack,
                identifiers::json
           FROM (SELECT timezone('UTC', clock_timestamp()) AS moment) AS present,
                unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY
                    AS new (uuid, actor, content, message_type, sent_at, control_id, ack, identifiers, place)
          ORDER BY place
         ON CONFLICT (message_control_id) DO NOTHING
         RETURNING uuid",
    )
    .bind::<Texts, _>(texts(|one| &one.message.uuid))
    .bind::<Texts, _>(texts(|one| &one.message.actor))
    .bind::<Texts, _>(texts(|one| &one.message.content))
    .bind::<Optional, _>(optional(|one| one.message.message_type.as_deref()))
    .bind::<Array<Nullable<Timestamp>>, _>(sent_at)
    .bind::<Optional, _>(control_ids)
    .bind::<Optional, _>(answers)
    .bind::<Optional, _>(identifiers)
    .load::<Key>(connection)?;
    Ok(keys.into_iter().map(|key| key.uuid).collect())
}

/// Puts what is to be published into the outbox, in order.
pub(super) fn actions(
    connection: &mut PgConnection,
    messages: &[(Receipt, String)],
    stored: &[Stored],
) -> Result<(), StoreError> {
    let (mut uuids, mut correlation_ids, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for ((receipt, correlation_id), stored) in messages.iter().zip(stored) {
        if let (Some(body), false) = (&receipt.actions, stored.duplicate) {
            uuids.push(receipt.message.uuid.as_str());
            correlation_ids.push(correlation_id.as_str());
            bodies.push(body.as_str());
        }
    }
    if uuids.is_empty() {
        return Ok(());
    }
    sql_query(
        "INSERT INTO connector_outbox (message_uuid, correlation_id, body)
         SELECT uuid, correlation_id, body
           FROM unnest($1, $2, $3) WITH ORDINALITY AS new (uuid, correlation_id, body, place) ORDER BY place",
    )
    .bind::<Array<Text>, _>(uuids)
    .bind::<Array<Text>, _>(correlation_ids)
    .bind::<Array<Text>, _>(bodies)
    .execute(connection)?;
    Ok(())
}

/// The outcomes if a transaction whose connection was lost had been committed after all.
pub(super) fn already_stored(
    connection: &mut PgConnection,
    messages: &[(Receipt, String)],
) -> Result<Option<Vec<Stored>>, StoreError> {
    let uuids: Vec<&str> = messages.iter().map(|(receipt, _)| receipt.message.uuid.as_str()).collect();
    let answers: Vec<Answer> = sql_query("SELECT uuid, ack FROM hl7_message WHERE uuid = ANY($1)")
        .bind::<Array<Text>, _>(uuids)
        .load(connection)?;
    let answers: HashMap<String, Option<String>> =
        answers.into_iter().map(|answer| (answer.uuid, answer.ack)).collect();
    let stored = messages.iter().map(|(receipt, _)| {
        let ack = answers.get(&receipt.message.uuid)?.clone().unwrap_or_default();
        Some(Stored { duplicate: ack == receipt.duplicate_ack, ack })
    });
    Ok(stored.collect())
}
