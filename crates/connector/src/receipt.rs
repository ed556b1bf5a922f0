//! From the text of a message to what is stored, answered and published.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use emap_hl7::{AckCode, AckLevel, LooseTime, Positional, acknowledgement, control_id};
use emap_ids::NewRow;

use crate::{
    actions, ids_row,
    new_message::NewMessage,
    patients::Identifiers,
    refusal::{Refusal, Unexpected},
    validation,
};

/// An index takes no longer key; HL7 allows 199 characters.
const LONGEST_CONTROL_ID: usize = 1000;
/// The header needs so many fields to be answered: MSH-12 is the last.
const HEADER_FIELDS: usize = 12;

/// A message with a header that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// What is stored.
    pub(crate) message: NewMessage,
    /// The acknowledgement if the control id is known already.
    pub(crate) duplicate_ack: String,
    /// What is published, for an accepted message that the platform's services want.
    pub(crate) actions: Option<String>,
    /// What is appended to the message store, for an accepted message.
    pub(crate) ids_row: Option<NewRow>,
    /// Why it is not accepted.
    pub(crate) refusal: Option<Refusal>,
}

/// What a text is not, so that it has no acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Hopeless {
    /// Not HL7.
    #[error("Could not parse HL7 message")]
    NoMessage,
    /// The header ends early.
    #[error("Could not parse HL7 message: the MSH segment has fewer than 12 fields")]
    ShortHeader,
    /// A NUL cannot be stored.
    #[error("HL7 message contains a NUL character")]
    Nul,
}

/// How messages are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Zone of times without offset.
    pub(crate) zone: Tz,
    /// Whether accepted messages go to the message store. Then messages of every type are accepted, as its reader wants
    /// them all.
    pub(crate) for_ids: bool,
}

impl Reading {
    /// Reads a message, checks it, and says what is to be done with it.
    ///
    /// # Errors
    /// When it has no header that can be answered.
    pub(crate) fn receipt(
        self,
        (content, uuid, actor): (&str, &str, &str),
        level: AckLevel,
        now: DateTime<Utc>,
    ) -> Result<Receipt, Hopeless> {
        if content.contains('\0') {
            return Err(Hopeless::Nul);
        }
        let message = Positional::parse(content).map_err(|_| Hopeless::NoMessage)?;
        if message.fields("MSH") < HEADER_FIELDS {
            return Err(Hopeless::ShortHeader);
        }
        let id = control_id(now, &mut |choices| fastrand::usize(..choices));
        let ack = |code: AckCode, refusal: Option<&Refusal>| {
            acknowledgement(&message, (code, level), refusal.map(Refusal::error).as_ref(), (&id, now))
        };
        let mut stored = NewMessage {
            uuid: uuid.to_owned(),
            actor: actor.to_owned(),
            content: content.to_owned(),
            ..NewMessage::default()
        };
        let (refusal, actions) = match self.accept(&message, &mut stored) {
            Ok(actions) => (None, actions),
            Err(refusal) => (Some(refusal), None),
        };
        let code = refusal.as_ref().map_or(AckCode::Accept, Refusal::code);
        stored.ack = Some(ack(code, refusal.as_ref()));
        let ids_row =
            (self.for_ids && refusal.is_none()).then(|| ids_row::describe(&message, &stored, self.zone, now));
        let duplicate_ack = ack(Refusal::Duplicate.code(), Some(&Refusal::Duplicate));
        Ok(Receipt { message: stored, duplicate_ack, actions, ids_row, refusal })
    }

    /// Fills in what the message says, as far as it can be read, and gives the actions.
    fn accept(self, message: &Positional<'_>, stored: &mut NewMessage) -> Result<Option<String>, Refusal> {
        let wanted = validation::type_is_wanted(message);
        if let (Err(refusal), false) = (&wanted, self.for_ids) {
            return Err(refusal.clone());
        }
        validation::content_is_usable(message)?;
        let id = message.get("MSH", 10).filter(|id| !id.is_empty());
        if id.as_ref().is_some_and(|id| id.len() > LONGEST_CONTROL_ID) {
            return Err(Refusal::ControlIdTooLong);
        }
        stored.identifiers = Some(Identifiers::of(message)?);
        stored.message_type = Some(message.raw("MSH", 9).to_owned());
        stored.sent_at = sent_at(message, self.zone)?;
        stored.control_id = id.map(std::borrow::Cow::into_owned);
        if wanted.is_err() {
            return Ok(None);
        }
        actions::document(message, &stored.uuid, self.zone).map(Some)
    }
}

/// MSH-7 in UTC, cut to milliseconds. `""` is no time; an empty field is an error.
pub(crate) fn sent_at(message: &Positional<'_>, zone: Tz) -> Result<Option<NaiveDateTime>, Refusal> {
    match message.get("MSH", 7) {
        None => Ok(None),
        Some(text) if text.is_empty() => Err(Unexpected::Attribute.into()),
        Some(text) => {
            let time = LooseTime::parse(&text)?.in_zone(zone);
            let milliseconds = time.timestamp_millis();
            Ok(DateTime::from_timestamp_millis(milliseconds).map(|time| time.naive_utc()))
        }
    }
}

/// The acknowledgement of a text without a header that could be answered, for senders that wait for one.
pub(crate) fn ack_of_hopeless(reason: Hopeless, level: AckLevel, now: DateTime<Utc>) -> String {
    let id = control_id(now, &mut |choices| fastrand::usize(..choices));
    let letters = AckCode::Reject.letters(level);
    format!(
        "MSH|^~\\&|||||{}||ACK|{id}|P|2.5\rMSA|{letters}|\r\nERR|||Hl7ApplicationRejectException|E||||{reason}",
        now.format("%Y%m%d%H%M%S")
    )
}

#[cfg(test)]
mod tests;
