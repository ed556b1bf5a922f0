//! A message that came in, as it will be stored.

use chrono::NaiveDateTime;

use crate::patients::Identifiers;

/// A row of `hl7_message` that is to be stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NewMessage {
    /// Primary key.
    pub(crate) uuid: String,
    /// Who sent it.
    pub(crate) actor: String,
    /// Its text, as received.
    pub(crate) content: String,
    /// MSH-9 as it stands.
    pub(crate) message_type: Option<String>,
    /// MSH-7 in UTC.
    pub(crate) sent_at: Option<NaiveDateTime>,
    /// MSH-10.
    pub(crate) control_id: Option<String>,
    /// The acknowledgement.
    pub(crate) ack: Option<String>,
    /// Whom it is about.
    pub(crate) identifiers: Option<Identifiers>,
}
