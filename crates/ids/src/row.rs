//! A row of the message store as the reader sees it.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue, data_types::PgTimestamp},
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};

/// One stored message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdsRow {
    /// Number of the message in the store.
    pub unid: i64,
    /// The message itself.
    pub text: RowText,
    /// Time of the message (`messagedatetime`).
    pub message_datetime: Option<DateTime<Utc>>,
    /// When it was stored (`persistdatetime`).
    pub persist_datetime: Option<DateTime<Utc>>,
}

/// What stands in `hl7message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowText {
    /// SQL NULL.
    Missing,
    /// The bytes of the text: UTF-8, unless the database holds text without a declared encoding.
    Text(Vec<u8>),
    /// The server cannot deliver this text (bytes that its encoding does not know); with the server's words.
    Unreadable(String),
}

impl RowText {
    /// Bytes of the text; 0 if there is none.
    pub fn len(&self) -> usize {
        if let Self::Text(bytes) = self { bytes.len() } else { 0 }
    }

    /// Whether there is no text, or nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Text as the bytes that came over the wire, so that a wrong byte in one row does not fail a whole block.
#[derive(Debug, FromSqlRow)]
pub(crate) struct RawText(pub(crate) Vec<u8>);

impl FromSql<Text, Pg> for RawText {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.as_bytes().to_vec()))
    }
}

#[derive(QueryableByName)]
pub(crate) struct RawRow {
    #[diesel(sql_type = BigInt)]
    unid: i64,
    #[diesel(sql_type = Nullable<Text>)]
    hl7message: Option<RawText>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    messagedatetime: Option<PgTimestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    persistdatetime: Option<PgTimestamp>,
}

impl From<RawRow> for IdsRow {
    fn from(raw: RawRow) -> Self {
        Self {
            unid: raw.unid,
            text: raw.hl7message.map_or(RowText::Missing, |text| RowText::Text(text.0)),
            message_datetime: raw.messagedatetime.and_then(instant),
            persist_datetime: raw.persistdatetime.and_then(instant),
        }
    }
}

/// A row without its text.
#[derive(QueryableByName)]
pub(crate) struct RowFrame {
    #[diesel(sql_type = BigInt)]
    pub(crate) unid: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    messagedatetime: Option<PgTimestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    persistdatetime: Option<PgTimestamp>,
}

impl RowFrame {
    pub(crate) fn unreadable(self, reason: String) -> IdsRow {
        IdsRow {
            unid: self.unid,
            text: RowText::Unreadable(reason),
            message_datetime: self.messagedatetime.and_then(instant),
            persist_datetime: self.persistdatetime.and_then(instant),
        }
    }
}

/// Microseconds since 2000 as an instant; `None` for `infinity` and years that no calendar here covers.
pub(crate) fn instant(timestamp: PgTimestamp) -> Option<DateTime<Utc>> {
    const SECONDS_1970_TO_2000: i64 = 946_684_800;
    let since_1970 = timestamp.0.checked_add(SECONDS_1970_TO_2000 * 1_000_000)?;
    DateTime::from_timestamp_micros(since_1970)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_beyond_the_calendar_are_none() {
        assert_eq!(instant(PgTimestamp(0)).unwrap().to_rfc3339(), "2000-01-01T00:00:00+00:00");
        assert_eq!(instant(PgTimestamp(i64::MAX)), None);
        assert_eq!(instant(PgTimestamp(i64::MIN)), None);
    }
}
