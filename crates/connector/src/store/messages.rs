//! Stored messages.

use chrono::{NaiveDateTime, Timelike};
use diesel::{
    OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Bool, Nullable, Text, Timestamp},
};
use emap_hl7::Positional;
use serde_json::{Value, json};

use super::error::StoreError;
use crate::new_message::NewMessage;

/// A row of `hl7_message`.
#[derive(Debug, Clone, Default, PartialEq, Eq, QueryableByName)]
pub struct StoredMessage {
    /// Primary key.
    #[diesel(sql_type = Text)]
    pub uuid: String,
    /// When it was stored, UTC; none before.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub created: Option<NaiveDateTime>,
    /// By whom.
    #[diesel(sql_type = Nullable<Text>)]
    pub created_by_: Option<String>,
    /// When it was last changed, UTC.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub modified: Option<NaiveDateTime>,
    /// By whom.
    #[diesel(sql_type = Nullable<Text>)]
    pub modified_by_: Option<String>,
    /// The text.
    #[diesel(sql_type = Nullable<Text>)]
    pub content: Option<String>,
    /// MSH-9.
    #[diesel(sql_type = Nullable<Text>)]
    pub message_type: Option<String>,
    /// Whether it has been dealt with.
    #[diesel(sql_type = Bool)]
    pub is_processed: bool,
    /// Where it came from.
    #[diesel(sql_type = Nullable<Text>)]
    pub src_description: Option<String>,
    /// Where it goes.
    #[diesel(sql_type = Nullable<Text>)]
    pub dst_description: Option<String>,
    /// MSH-7, UTC.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub sent_at_: Option<NaiveDateTime>,
    /// MSH-10.
    #[diesel(sql_type = Nullable<Text>)]
    pub message_control_id: Option<String>,
    /// The acknowledgement.
    #[diesel(sql_type = Nullable<Text>)]
    pub ack: Option<String>,
}

/// Where a message stands on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It came from the hospital.
    Received,
    /// It goes to the hospital.
    Sent,
    /// It has been dealt with.
    Processed,
}

impl StoredMessage {
    /// As the endpoints show it.
    pub fn to_json(&self) -> Value {
        let saved = self.created.is_some();
        let zoned = |time: Option<NaiveDateTime>| time.map(|time| format!("{}Z", milliseconds(time)));
        json!({
            "ack_status": self.ack_status(),
            "content": self.content,
            "created": zoned(self.created),
            "created_by": self.created_by_,
            "dst_description": self.dst_description,
            "is_processed": self.is_processed,
            "message_control_id": self.message_control_id,
            "message_type": self.message_type,
            "modified": zoned(self.modified),
            "modified_by": self.modified_by_,
            "sent_at": self.sent_at_.map(milliseconds),
            "src_description": self.src_description,
            "uuid": saved.then_some(&self.uuid),
        })
    }

    /// MSA-1 of the acknowledgement.
    pub fn ack_status(&self) -> Option<String> {
        let ack = Positional::parse(self.ack.as_deref()?).ok()?;
        ack.get("MSA", 1).map(std::borrow::Cow::into_owned)
    }

    /// Where it stands.
    pub fn status(&self) -> Status {
        match self.src_description.as_deref() {
            _ if self.is_processed => Status::Processed,
            Some("dhos") => Status::Sent,
            _ => Status::Received,
        }
    }
}

/// Cut, not rounded.
fn milliseconds(time: NaiveDateTime) -> String {
    let cut = time.with_nanosecond(time.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(time);
    cut.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

const COLUMNS: &str =
    "uuid, created, created_by_, modified, modified_by_, content, message_type, is_processed,
    src_description, dst_description, sent_at_, message_control_id, ack";

/// The message with this key.
///
/// # Errors
/// When the database fails.
pub(crate) fn by_uuid(
    connection: &mut PgConnection,
    uuid: &str,
) -> Result<Option<StoredMessage>, StoreError> {
    let query = sql_query(format!("SELECT {COLUMNS} FROM hl7_message WHERE uuid = $1"));
    Ok(query.bind::<Text, _>(uuid).get_result(connection).optional()?)
}

/// Messages with this control id, the newest first.
///
/// # Errors
/// When the database fails.
pub(crate) fn by_control_id(
    connection: &mut PgConnection,
    id: &str,
) -> Result<Vec<StoredMessage>, StoreError> {
    let query =
        format!("SELECT {COLUMNS} FROM hl7_message WHERE message_control_id = $1 ORDER BY created DESC");
    Ok(sql_query(query).bind::<Text, _>(id).load(connection)?)
}

/// Messages with an identifier of a type. An unknown type finds nothing.
///
/// # Errors
/// When the database fails.
pub(crate) fn by_identifier(
    connection: &mut PgConnection,
    kind: &str,
    identifier: &str,
) -> Result<Vec<StoredMessage>, StoreError> {
    // The names are constants here, so that the indexes fit.
    let Some(name) = ["MRN", "NHS number", "Visit ID"].into_iter().find(|name| *name == kind) else {
        return Ok(Vec::new());
    };
    let value = format!("patient_identifiers ->> '{name}'");
    let query = format!(
        "SELECT {COLUMNS} FROM hl7_message WHERE left({value}, 100) = left($1, 100) AND {value} = $1 ORDER BY created"
    );
    Ok(sql_query(query).bind::<Text, _>(identifier).load(connection)?)
}

/// Sets whether a message has been dealt with; false if there is none.
///
/// # Errors
/// When the database fails.
pub(crate) fn set_processed(
    connection: &mut PgConnection,
    uuid: &str,
    is_processed: bool,
    actor: &str,
) -> Result<bool, StoreError> {
    let changed = sql_query(
        "UPDATE hl7_message SET is_processed = $2, modified = timezone('UTC', now()), modified_by_ = $3
         WHERE uuid = $1 AND is_processed IS DISTINCT FROM $2",
    )
    .bind::<Text, _>(uuid)
    .bind::<Bool, _>(is_processed)
    .bind::<Text, _>(actor)
    .execute(connection)?;
    Ok(changed > 0 || by_uuid(connection, uuid)?.is_some())
}

/// Stores the text of a message that could not be read.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_unreadable(
    connection: &mut PgConnection,
    message: &NewMessage,
) -> Result<(), StoreError> {
    sql_query(
        "INSERT INTO hl7_message (uuid, created, created_by_, modified, modified_by_, content, is_processed,
             src_description, dst_description)
         VALUES ($1, timezone('UTC', now()), $2, timezone('UTC', now()), $2, $3, false, 'tie', 'dhos')
         ON CONFLICT (uuid) DO NOTHING",
    )
    .bind::<Text, _>(&message.uuid)
    .bind::<Text, _>(&message.actor)
    .bind::<Text, _>(&message.content)
    .execute(connection)?;
    Ok(())
}

/// Removes every message.
///
/// # Errors
/// When the database fails.
pub(crate) fn drop_all(connection: &mut PgConnection) -> Result<(), StoreError> {
    sql_query("TRUNCATE hl7_message, connector_outbox, connector_delivery").execute(connection)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn where_a_message_stands() {
        let from = |place: &str| StoredMessage {
            src_description: Some(place.to_owned()),
            ..StoredMessage::default()
        };
        assert_eq!((from("tie").status(), from("dhos").status()), (Status::Received, Status::Sent));
        assert_eq!(StoredMessage::default().status(), Status::Received);
        for place in ["tie", "dhos"] {
            assert_eq!(StoredMessage { is_processed: true, ..from(place) }.status(), Status::Processed);
        }
    }

    #[test]
    fn a_message_that_was_never_saved_has_no_key_and_no_times() {
        let shown = StoredMessage { uuid: "u".to_owned(), ..StoredMessage::default() }.to_json();
        let expected = json!({
            "ack_status": null, "content": null, "created": null, "created_by": null, "dst_description": null,
            "is_processed": false, "message_control_id": null, "message_type": null, "modified": null, "modified_by": null,
            "sent_at": null, "src_description": null, "uuid": null,
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn times_are_cut_to_milliseconds_and_that_of_sending_has_no_zone() {
        let time =
            NaiveDate::from_ymd_opt(2020, 1, 2).and_then(|day| day.and_hms_micro_opt(3, 4, 5, 678_999));
        let shown =
            StoredMessage { created: time, modified: time, sent_at_: time, ..StoredMessage::default() }
                .to_json();
        assert_eq!(
            (&shown["created"], &shown["modified"]),
            (&json!("2020-01-02T03:04:05.678Z"), &shown["created"])
        );
        assert_eq!(shown["sent_at"], "2020-01-02T03:04:05.678");
    }

    #[test]
    fn the_status_of_an_acknowledgement() {
        let status =
            |ack: &str| StoredMessage { ack: Some(ack.to_owned()), ..StoredMessage::default() }.ack_status();
        assert_eq!(status("MSH|^~\\&|A\rMSA|AA|1\r").as_deref(), Some("AA"));
        assert_eq!(status("MSH|^~\\&|A\rMSA|AR|1\r\nERR|||x").as_deref(), Some("AR"));
        assert_eq!((status("MSH|^~\\&|A\r"), status("no message"), status("")), (None, None, None));
        assert_eq!(StoredMessage::default().ack_status(), None);
    }
}
