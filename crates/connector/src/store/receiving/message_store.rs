//! Appending accepted messages to the message store (IDS).
//!
//! If the store is in the connector's own database, and the connector's user may write there, its rows are part of the
//! same transaction. Otherwise they are committed there first, each noted by control id and content, so that a message
//! that is sent again after a failure in between is not appended twice.

use chrono::Utc;
use chrono_tz::Tz;
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Array, Bool, Text},
};
use emap_ids::{NewRow, append_within};
use emap_postgres::{quote_identifier, schema::use_schema};

use super::stored::Stored;
use crate::{receipt::Receipt, settings::IdsSettings, store::error::StoreError};

/// The message store and the way to it.
pub(super) enum MessageStore {
    /// In the connector's own database; the connection there finds it.
    Here,
    /// In another database.
    Elsewhere(Elsewhere),
}

/// A message store that needs a transaction of its own.
pub(super) struct Elsewhere {
    schema: String,
    zone: Tz,
    connection: PgConnection,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    place: String,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

#[derive(QueryableByName)]
struct Noted {
    #[diesel(sql_type = Text)]
    key: String,
}

impl MessageStore {
    /// Connects, and creates the table if it is missing.
    pub(super) fn open(settings: &IdsSettings, main: &mut PgConnection) -> Result<Self, StoreError> {
        let schema = settings.database.schema.clone();
        let mut connection = settings.database.config().connect()?;
        connection.batch_execute("SET client_min_messages TO warning")?;
        emap_ids::migrate_over(&mut connection, &schema)?;
        if is_within_reach(main, &mut connection, &schema)? {
            main.batch_execute(&format!(
                "SET search_path TO {}; SET TIME ZONE '{}'",
                quote_identifier(&schema),
                settings.zone.name()
            ))?;
            return Ok(Self::Here);
        }
        use_schema(&mut connection, &schema)?;
        connection.batch_execute(
            "CREATE TABLE IF NOT EXISTS connector_appended (
                 key varchar(100) PRIMARY KEY,
                 appended timestamptz NOT NULL DEFAULT now())",
        )?;
        Ok(Self::Elsewhere(Elsewhere { schema, zone: settings.zone, connection }))
    }

    /// Whether it still answers.
    pub(super) fn look(&mut self) -> Result<(), StoreError> {
        if let Self::Elsewhere(elsewhere) = self {
            elsewhere.connection.batch_execute("SELECT 1")?;
        }
        Ok(())
    }
}

impl Elsewhere {
    /// Appends the accepted messages of a group, before the connector's own transaction is committed.
    pub(super) fn append(
        &mut self,
        messages: &[(Receipt, String)],
        stored: &[Stored],
    ) -> Result<(), StoreError> {
        let now = Utc::now();
        let accepted = messages.iter().zip(stored).filter(|(_, stored)| !stored.duplicate);
        let mut rows: Vec<(String, NewRow)> = accepted
            .filter_map(|((receipt, _), _)| Some((key(receipt), receipt.ids_row.clone()?)))
            .map(|(key, row)| (key, NewRow { persist_datetime: Some(now), ..row }))
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let place = (self.schema.as_str(), self.zone);
        self.connection.transaction(|connection| {
            let keys: Vec<&str> = rows.iter().map(|(key, _)| key.as_str()).collect();
            let new: Vec<Noted> = sql_query(
                "INSERT INTO connector_appended (key) SELECT unnest($1) ON CONFLICT DO NOTHING RETURNING key",
            )
            .bind::<Array<Text>, _>(keys)
            .load(connection)?;
            rows.retain(|(key, _)| new.iter().any(|noted| noted.key == *key));
            let rows: Vec<NewRow> = rows.drain(..).map(|(_, row)| row).collect();
            append_within(connection, place, &rows)?;
            Ok(())
        })
    }
}

/// What distinguishes a message from others: control id and content; without control id only this receipt of it.
fn key(receipt: &Receipt) -> String {
    let message = &receipt.message;
    match &message.control_id {
        Some(id) => {
            let mut content = ring::digest::Context::new(&ring::digest::SHA256);
            content.update(id.as_bytes());
            content.update(b"\0");
            content.update(message.content.as_bytes());
            content.finish().as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = std::fmt::Write::write_fmt(&mut hex, format_args!("{byte:02x}"));
                hex
            })
        }
        None => message.uuid.clone(),
    }
}

/// Whether both connections lead to one database, and the first may write to the store. A right that is missing makes it a
/// no: two transactions are always possible. A question that fails for another reason has no answer, and is asked again
/// with the next connection; as a no it would hold for as long as this one lasts.
fn is_within_reach(
    main: &mut PgConnection,
    ids: &mut PgConnection,
    schema: &str,
) -> Result<bool, StoreError> {
    let (Some(ours), Some(theirs)) = (place(main)?, place(ids)?) else { return Ok(false) };
    if ours != theirs {
        return Ok(false);
    }
    let table = format!("{}.tbl_ids_master", quote_identifier(schema));
    let may_write = sql_query(
        "SELECT CASE WHEN has_schema_privilege($2, 'USAGE') THEN has_table_privilege($1, 'INSERT')
                AND has_table_privilege($1, 'SELECT') AND has_table_privilege($1, 'UPDATE,DELETE,TRUNCATE')
                ELSE false END AS answer",
    )
    .bind::<Text, _>(&table)
    .bind::<Text, _>(schema)
    .get_result::<Answer>(main)?;
    Ok(may_write.answer)
}

/// The database that a connection leads to; none if its user may not know.
fn place(connection: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let may_know =
        sql_query("SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS answer")
            .get_result::<Answer>(connection)?;
    if !may_know.answer {
        return Ok(None);
    }
    let found = sql_query(
        "SELECT current_database() || ' of ' || system_identifier AS place FROM pg_control_system()",
    )
    .get_result::<Place>(connection)?;
    Ok(Some(found.place))
}
