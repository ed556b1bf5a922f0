//! Storing a group of messages: one statement, prepared once for each connection.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, select, sql_query,
    sql_types::{Array, Nullable, Text},
};
use emap_ids::NewRow;

use super::{statement::connector_store, stored::Stored};
use crate::{patients::Identifiers, receipt::Receipt, store::error::StoreError};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    uuid: String,
    #[diesel(sql_type = Nullable<Text>)]
    ack: Option<String>,
}

/// Stores messages, each with the id of the request in which it came, and what follows from them. One whose control id is
/// known already is stored without it and with the answer that says so. `with_ids`: accepted ones are appended to the
/// message store of the connection's search path.
pub(super) fn messages(
    connection: &mut PgConnection,
    messages: &[(Receipt, String)],
    with_ids: bool,
) -> Result<Vec<Stored>, StoreError> {
    let texts = |field: fn(&Receipt) -> &str| -> Vec<&str> {
        messages.iter().map(|(receipt, _)| field(receipt)).collect()
    };
    let optional = |field: fn(&Receipt) -> Option<&str>| -> Vec<Option<&str>> {
        messages.iter().map(|(receipt, _)| field(receipt)).collect()
    };
    let identifiers: Vec<Option<String>> = messages
        .iter()
        .map(|(receipt, _)| receipt.message.identifiers.as_ref().map(Identifiers::to_json))
        .collect();
    let rows: Vec<Option<&NewRow>> =
        messages.iter().filter(|_| with_ids).map(|(receipt, _)| receipt.ids_row.as_ref()).collect();
    let column = |field: fn(&NewRow) -> &Option<String>| -> Vec<Option<&str>> {
        rows.iter().map(|row| field((*row)?).as_deref()).collect()
    };
    let moments = |field: fn(&NewRow) -> Option<DateTime<Utc>>| -> Vec<Option<DateTime<Utc>>> {
        rows.iter().map(|row| field((*row)?)).collect()
    };
    let repeated: Vec<String> = select(connector_store(
        texts(|one| &one.message.uuid),
        texts(|one| &one.message.actor),
        texts(|one| &one.message.content),
        optional(|one| one.message.message_type.as_deref()),
        messages.iter().map(|(receipt, _)| receipt.message.sent_at).collect::<Vec<_>>(),
        optional(|one| one.message.control_id.as_deref()),
        optional(|one| one.message.ack.as_deref()),
        texts(|one| &one.duplicate_ack),
        identifiers,
        messages.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>(),
        optional(|one| one.actions.as_deref()),
        rows.iter().map(Option::is_some).collect::<Vec<_>>(),
        column(|row| &row.patient_name),
        column(|row| &row.patient_surname),
        moments(|row| row.date_of_birth),
        column(|row| &row.nhs_number),
        column(|row| &row.hospital_number),
        column(|row| &row.patient_class),
        column(|row| &row.patient_location),
        column(|row| &row.message_type),
        column(|row| &row.sender_application),
        moments(|row| row.admission_date),
        moments(|row| row.discharge_date),
        column(|row| &row.message_version),
    ))
    .get_result(connection)?;
    let stored = messages.iter().map(|(receipt, _)| {
        let duplicate = repeated.contains(&receipt.message.uuid);
        let ack = if duplicate { Some(receipt.duplicate_ack.clone()) } else { receipt.message.ack.clone() };
        Stored { ack: ack.unwrap_or_default(), duplicate }
    });
    Ok(stored.collect())
}

/// The outcomes if a transaction whose connection was lost had been committed after all.
pub(super) fn already_stored(
    connection: &mut PgConnection,
    messages: &[(Receipt, String)],
) -> Result<Option<Vec<Stored>>, StoreError> {
    let uuids: Vec<&str> = messages.iter().map(|(receipt, _)| receipt.message.uuid.as_str()).collect();
    let answers: Vec<Answer> = sql_query("SELECT uuid, ack FROM public.hl7_message WHERE uuid = ANY($1)")
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
