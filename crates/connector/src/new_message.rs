//! A message that came in, as it will be stored.

use chrono::NaiveDateTime;

use crate::patients::Identifiers;

/// A row of `hl7_message` that is to be stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NewMessage {
    /// Primary key.
    pub uuid: String,
    /// Who sent it.
    pub actor: String,
    /// Its text, as received.
    pub content: String,
    /// MSH-9 as it stands.
    pub message_type: Option<String>,
    /// MSH-7 in UTC.
    pub sent_at: Option<NaiveDateTime>,
    /// MSH-10.
    pub control_id: Option<String>,
    /// The acknowledgement.
    pub ack: Option<String>,
    /// Whom it is about.
    pub identifiers: Option<Identifiers>,
}
